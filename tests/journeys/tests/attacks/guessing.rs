//! A10: guessing passwords, many of one account or one of many, from one place or from everywhere.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::cast;
use crate::fleet::Fleet;
use crate::mail::{self, SIGN_UP};
use crate::person::{Answer, PASSWORD, Person, fresh, send};
use crate::raw::{caller_at, patiently};
use crate::report::{Row, row};

/// Guesses at once: fewer than may wait for a hash.
const AT_ONCE: usize = 8;
/// Headers by which a caller may try to be somebody else.
const DISGUISES: [&str; 7] = [
    "x-forwarded-for",
    "x-real-ip",
    "x-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "x-forwarded",
    "x-original-forwarded-for",
];
/// The proxy that is believed when it says for whom it asks.
const PROXY: [u8; 4] = [127, 0, 0, 2];

/// A10.
pub fn a10() -> Row {
    row!(
        "A10",
        the_sixth_guess_is_not_looked_at,
        a_locked_account_does_not_take_its_right_password,
        a_locked_name_that_nobody_has_says_the_same,
        calling_oneself_another_address_does_not_open_a_lock,
        a_lock_in_one_network_does_not_hold_in_another;
        alone,
        of_a_thousand_passwords_five_are_looked_at_and_the_owners_browser_enters,
        of_a_thousand_accounts_one_address_reaches_thirty_a_minute,
        calling_oneself_other_addresses_does_not_make_it_more,
        guesses_from_everywhere_lock_everybody_but_the_owners_browser_out
    )
}

fn door(fleet: &Fleet) -> String {
    fleet.url("/api/v1/auth/login")
}

fn login(door: &str, client: &Client, email: &str, password: &str) -> RequestBuilder {
    client.post(door).json(&json!({ "email": email, "password": password }))
}

/// Sends them, several at once; answers how often what was said.
async fn said(guesses: Vec<RequestBuilder>) -> BTreeMap<String, usize> {
    let guesses = guesses.into_iter().map(patiently);
    let answers: Vec<_> = futures_util::stream::iter(guesses).buffer_unordered(AT_ONCE).collect().await;
    let mut said = BTreeMap::new();
    for (answer, _) in answers {
        let code = answer.json()["code"].as_str().unwrap_or("a session").to_owned();
        *said.entry(format!("{} {code}", answer.status)).or_default() += 1;
    }
    said
}

/// Guesses until the account is locked here: five are looked at, the sixth is not.
async fn locks(fleet: &Fleet, client: &Client, email: &str) -> Answer {
    for _ in 0..5 {
        send(login(&door(fleet), client, email, "pas-le-bon-mot")).await.refuses(401, "invalid_credentials");
    }
    send(login(&door(fleet), client, email, "pas-le-bon-mot")).await.refuses(429, "too_many_attempts")
}

/// The cookie that the owner's browser keeps.
async fn browser_of(person: &Person<'_>) -> String {
    let entered = cast::logs_in(person.fleet, &person.email, PASSWORD).await.is(200);
    let cookie = entered.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-device="), "{cookie}");
    cookie
}

async fn the_sixth_guess_is_not_looked_at(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let locked = locks(&fleet, &fleet.http, &ada.email).await;
    assert!((1..=60).contains(&locked.header("retry-after").parse().unwrap()), "{locked:?}");
    let events = ada.get("/auth/security-events?limit=100").await.is(200).json();
    let failed = |item: &&Value| item["kind"] == "login_failed";
    assert_eq!(events["items"].as_array().unwrap().iter().filter(failed).count(), 5, "{events}");
}

async fn a_locked_account_does_not_take_its_right_password(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    locks(&fleet, &fleet.http, &ada.email).await;
    cast::logs_in(&fleet, &ada.email, PASSWORD).await.refuses(429, "too_many_attempts");
    // Who is in stays in.
    ada.get("/users/me").await.is(200);
    ada.post("/auth/refresh", json!({ "refresh_token": ada.refresh })).await.is(200);
}

async fn a_locked_name_that_nobody_has_says_the_same(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let nobody = format!("{}@example.org", fresh("nobody"));
    let (hers, of_nobody) = (locks(&fleet, &fleet.http, &ada.email).await, locks(&fleet, &fleet.http, &nobody).await);
    let members = |answer: &Answer| answer.json().as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(members(&hers), members(&of_nobody));
    assert_eq!(hers.json()["title"], of_nobody.json()["title"]);
}

async fn calling_oneself_another_address_does_not_open_a_lock(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let disguised = |n: usize| {
        let guess = login(&door(&fleet), &fleet.http, &ada.email, "pas-le-bon-mot");
        let address = format!("198.51.{n}.7");
        let guess = DISGUISES.iter().fold(guess, |guess, header| guess.header(*header, &address));
        guess.header("forwarded", format!("for={address}"))
    };
    for n in 0..5 {
        send(disguised(n)).await.refuses(401, "invalid_credentials");
    }
    for n in 5..15 {
        send(disguised(n)).await.refuses(429, "too_many_attempts");
    }
}

async fn a_lock_in_one_network_does_not_hold_in_another(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let proxy = caller_at(PROXY);
    let from = |network: u8, password: &str| {
        login(&door(&fleet), &proxy, &ada.email, password).header("x-forwarded-for", format!("203.0.{network}.9"))
    };
    for _ in 0..5 {
        send(from(113, "pas-le-bon-mot")).await.refuses(401, "invalid_credentials");
    }
    send(from(113, PASSWORD)).await.refuses(429, "too_many_attempts");
    send(from(114, PASSWORD)).await.is(200);
}

async fn of_a_thousand_passwords_five_are_looked_at_and_the_owners_browser_enters(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let cookie = browser_of(&ada).await;
    let (door, begun) = (door(&fleet), Instant::now());
    let guesses = (0..1_000).map(|n| login(&door, &fleet.http, &ada.email, &format!("mot-de-passe-{n:04}")));
    let said = said(guesses.collect()).await;
    // A lock lasts a minute; on a very slow machine another guess fits in.
    let most = 5 + usize::try_from(begun.elapsed().as_secs() / 60).unwrap();
    let looked_at = said.get("401 invalid_credentials").copied().unwrap_or_default();
    assert!((5..=most).contains(&looked_at), "{said:?}");
    assert_eq!(said.get("429 too_many_attempts").copied(), Some(1_000 - looked_at), "{said:?}");
    cast::logs_in(&fleet, &ada.email, PASSWORD).await.refuses(429, "too_many_attempts");
    let known = login(&door, &fleet.http, &ada.email, PASSWORD).header("cookie", cookie);
    send(known).await.is(200);
}

/// So many of these were looked at, and the others were told that their address asks too often.
fn are_limited(said: &BTreeMap<String, usize>, begun: Instant) {
    let refused = said.get("429 quota_exceeded").copied().unwrap_or_default();
    let looked_at = said.get("401 invalid_credentials").copied().unwrap_or_default();
    let most = 31 + usize::try_from(begun.elapsed().as_secs() / 2).unwrap();
    assert!((1..=most).contains(&looked_at), "30 a minute: {said:?}");
    assert_eq!(refused + looked_at, said.values().sum::<usize>(), "{said:?}");
}

async fn of_a_thousand_accounts_one_address_reaches_thirty_a_minute(fleet: Arc<Fleet>) {
    let (mallory, door, crowd, begun) = (caller_at([127, 0, 1, 66]), door(&fleet), fresh("crowd"), Instant::now());
    let guesses = (0..1_000).map(|n| login(&door, &mallory, &format!("{crowd}{n}@example.org"), "soleil-1234"));
    are_limited(&said(guesses.collect()).await, begun);
    let ada = cast::member(&fleet).await;
    let refused = send(login(&door, &mallory, &ada.email, PASSWORD)).await.refuses(429, "quota_exceeded");
    assert_eq!(refused.json()["violated-policies"], json!(["login-address"]));
    cast::logs_in(&fleet, &ada.email, PASSWORD).await.is(200);
}

async fn calling_oneself_other_addresses_does_not_make_it_more(fleet: Arc<Fleet>) {
    let (mallory, door, crowd, begun) = (caller_at([127, 0, 2, 66]), door(&fleet), fresh("crowd"), Instant::now());
    let guesses = (0..100).map(|n| {
        let guess = login(&door, &mallory, &format!("{crowd}{n}@example.org"), "soleil-1234");
        let address = format!("198.51.100.{n}");
        let guess = DISGUISES.iter().fold(guess, |guess, header| guess.header(*header, &address));
        guess.header("forwarded", format!("for={address}"))
    });
    are_limited(&said(guesses.collect()).await, begun);
}

async fn guesses_from_everywhere_lock_everybody_but_the_owners_browser_out(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let (cookie, proxy) = (browser_of(&ada).await, caller_at(PROXY));
    let from = |network: u8, password: &str| {
        login(&door(&fleet), &proxy, &ada.email, password).header("x-forwarded-for", format!("198.18.{network}.7"))
    };
    for network in 0..20 {
        send(from(network, "pas-le-bon-mot")).await.refuses(401, "invalid_credentials");
    }
    send(from(200, PASSWORD)).await.refuses(429, "too_many_attempts");
    cast::logs_in(&fleet, &ada.email, PASSWORD).await.refuses(429, "too_many_attempts");
    send(from(201, PASSWORD).header("cookie", cookie)).await.is(200);
    let told = mail::wait_for(&fleet, &ada.email, SIGN_UP + 1).await;
    assert_eq!(told.subject, "Votre compte Jolmood est protégé");
}
