//! Signing in through a provider, and what a provider or a stranger cannot do.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use crate::fleet::Fleet;
use crate::mail::{self, SIGN_UP};
use crate::person::{Person, fresh, send};
use crate::provider::{APPLICATION, Someone, issuer};
use crate::second_factor::turns_on;
use crate::traveller::{Browser, CHALLENGE, VERIFIER, pair, session, with};
use crate::wait;

async fn accounts(fleet: &Fleet, email: &str) -> i64 {
    fleet.sql("auth_db", &format!("SELECT count(*) FROM users WHERE email = '{email}'")).await[0]
}

pub async fn somebody_new_signs_in_and_comes_back(fleet: Arc<Fleet>) {
    for (path, provider) in [("/api/v1/auth/google", "google"), ("/api/v1/auth/oauth/acme", "acme")] {
        let ada = Someone::new(&fresh("ada"));
        let browser = Browser::new(&fleet);
        let first = browser.signs_in(path, &ada).await.is(200);
        let user = first.json()["user"].clone();
        assert_eq!((&user["email"], &user["is_verified"]), (&json!(ada.email), &json!(true)), "{user}");
        assert_eq!(user["profile_picture_url"], "https://pictures.example.org/ada.png");
        assert_eq!((&user["full_name"], &user["username"]), (&json!("Ada Lovelace"), &Value::Null));
        let person = session(&fleet, &first);
        wait::until_true("the picture to reach users", Duration::from_secs(10), async || {
            let me = person.get("/users/me").await;
            me.status == 200 && me.json()["profile_picture_url"] == "https://pictures.example.org/ada.png"
        })
        .await;
        mail::wait_for(&fleet, &ada.email, 1).await; // welcome
        let again = Browser::new(&fleet).signs_in(path, &ada).await.is(200);
        assert_eq!(session(&fleet, &again).id, person.id);
        let identities = person.get("/auth/identities").await.is(200).json();
        assert_eq!(identities["items"].as_array().unwrap().len(), 1, "{identities}");
        assert_eq!(identities["items"][0]["provider"], provider);
        person.post("/auth/refresh", json!({ "refresh_token": person.refresh })).await.is(200);
    }
    let page = fleet.http.get(fleet.url("/auth/google")).header("accept", "text/html");
    let sent = send(page).await.is(302);
    assert!(sent.header("location").starts_with(&issuer("google")), "{sent:?}");
}

pub async fn an_application_exchanges_its_code_once(fleet: Arc<Fleet>) {
    let ada = Someone::new(&fresh("ada"));
    let start = format!("/api/v1/auth/google?redirect_uri={APPLICATION}&code_challenge={CHALLENGE}");
    let code = async || {
        let sent = Browser::new(&fleet).signs_in(&start, &ada).await.is(303);
        let there = Url::parse(sent.header("location")).unwrap();
        assert!(there.as_str().starts_with(&format!("{APPLICATION}?code=")), "{there}");
        pair(&there, "code")
    };
    let stranger = Person::without_account(&fleet, "");
    let exchanges = async |body: Value| stranger.post("/auth/oauth/exchange", body).await;
    let once = code().await;
    let raced = join_all((0..10).map(|_| exchanges(json!({ "code": once, "code_verifier": VERIFIER })))).await;
    assert_eq!(raced.iter().filter(|answer| answer.status == 200).count(), 1, "{raced:?}");
    assert_eq!(raced.iter().filter(|answer| answer.status == 400).count(), 9, "{raced:?}");
    let winner = session(&fleet, raced.iter().find(|answer| answer.status == 200).unwrap());
    winner.get("/auth/me").await.is(200);
    let burnt = code().await;
    exchanges(json!({ "code": burnt })).await.is(422);
    exchanges(json!({ "code": burnt, "code_verifier": CHALLENGE })).await.refuses(400, "code_invalid");
    exchanges(json!({ "code": burnt, "code_verifier": VERIFIER })).await.refuses(400, "code_invalid");
    for other in ["https://app.example.org/signed-in/", "https://app.example.org.evil.example/signed-in"] {
        let start = format!("/api/v1/auth/google?redirect_uri={other}&code_challenge={CHALLENGE}");
        send(fleet.http.get(fleet.url(&start))).await.refuses(400, "redirect_not_allowed");
    }
    let denied = Someone { twist: "denied", ..ada.clone() };
    let sent = Browser::new(&fleet).signs_in(&start, &denied).await.is(303);
    assert_eq!(sent.header("location"), format!("{APPLICATION}?error=provider_refused"));
}

pub async fn what_a_provider_says_is_believed_only_if_it_can_be_verified(fleet: Arc<Fleet>) {
    let twists = ["nonce", "no_nonce", "aud", "azp", "iss", "exp", "at_hash", "unsigned", "forged", "hmac", "garbage"]
        .into_iter();
    for (twist, path) in twists.zip(["/api/v1/auth/google", "/api/v1/auth/oauth/acme"].into_iter().cycle()) {
        let mallory = Someone { twist, ..Someone::new(&fresh("mallory")) };
        let refused = Browser::new(&fleet).signs_in(path, &mallory).await.is(502);
        let code = refused.json()["code"].as_str().unwrap().to_owned();
        let believed = ["provider_invalid", "provider_unavailable"].contains(&code.as_str());
        assert!(
            believed && (code == "provider_invalid" || ["garbage", "unsigned"].contains(&twist)),
            "{twist}: {code}"
        );
        assert_eq!(accounts(&fleet, &mallory.email).await, 0, "{twist}");
    }
    let denied = Someone { twist: "denied", ..Someone::new(&fresh("denied")) };
    let refused = Browser::new(&fleet).signs_in("/api/v1/auth/google", &denied).await.refuses(400, "provider_refused");
    assert_eq!(refused.json()["provider_error"], "access_denied");
    assert!(!refused.text.contains("<b>"), "{}", refused.text);
}

pub async fn nobody_comes_back_who_did_not_set_out_in_this_browser(fleet: Arc<Fleet>) {
    let ada = Someone::new(&fresh("ada"));
    let (hers, other) = (Browser::new(&fleet), Browser::new(&fleet));
    let back = hers.returns("/api/v1/auth/google", &ada).await;
    let theirs = other.returns("/api/v1/auth/google", &ada).await;
    for (what, browser, address) in [
        ("without a state", &hers, with(&back, "state", None)),
        ("with the state of another", &hers, with(&back, "state", Some(&pair(&theirs, "state")))),
        ("in another browser", &other, back.to_string()),
        ("in a browser that never set out", &Browser::new(&fleet), back.to_string()),
    ] {
        let refused = browser.get(&address).await;
        assert_eq!((refused.status, refused.json()["code"].as_str()), (400, Some("state_invalid")), "{what}");
    }
    hers.get(back.as_str()).await.is(200);
    hers.get(back.as_str()).await.refuses(400, "state_invalid");
    let mixed = Browser::new(&fleet);
    let back = mixed.returns("/api/v1/auth/google", &ada).await;
    mixed.get(&with(&back, "iss", Some(&issuer("acme")))).await.refuses(400, "state_invalid");
    let silent = Browser::new(&fleet);
    let back = silent.returns("/api/v1/auth/google", &ada).await;
    silent.get(&with(&back, "iss", None)).await.refuses(400, "state_invalid");
    let elsewhere = Browser::new(&fleet);
    let back = elsewhere.returns("/api/v1/auth/google", &ada).await;
    let address = back.as_str().replace("/auth/google/callback", "/auth/oauth/acme/callback");
    elsewhere.get(&address).await.refuses(400, "state_invalid");
}

pub async fn an_unproven_address_enters_an_account_only_by_local_proof(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let hers = Someone { email_verified: false, ..Someone::at(&fresh("hers"), ada.email.clone()) };
    let browser = Browser::new(&fleet);
    browser.signs_in("/api/v1/auth/google", &hers).await.refuses(409, "link_required");
    let nobody = Someone { email_verified: false, ..Someone::new(&fresh("nobody")) };
    let unknown = Browser::new(&fleet).signs_in("/api/v1/auth/google", &nobody).await.refuses(409, "link_required");
    assert_eq!(accounts(&fleet, &nobody.email).await, 0, "{}", unknown.text);
    let letter = mail::wait_for(&fleet, &ada.email, SIGN_UP + 1).await;
    assert!(letter.text.contains("Google"), "{}", letter.text);
    browser.get(&letter.link()).await.is(200);
    let confirms = async |browser: &Browser<'_>| {
        let url = fleet.url("/api/v1/auth/link-identity");
        let request = fleet.http.post(&url).json(&json!({ "token": letter.token() }));
        browser.ask(&Url::parse(&url).unwrap(), request).await
    };
    confirms(&Browser::new(&fleet)).await.refuses(403, "other_browser");
    confirms(&browser).await.is(200);
    confirms(&browser).await.refuses(400, "token_invalid");
    mail::wait_for(&fleet, &ada.email, SIGN_UP + 2).await; // she is told
    let entered = browser.signs_in("/api/v1/auth/google", &hers).await.is(200);
    assert_eq!(session(&fleet, &entered).id, ada.id);
    let bob = Person::new(&fleet).await;
    let his = Someone::at(&fresh("his"), bob.email.clone());
    let entered = Browser::new(&fleet).signs_in("/api/v1/auth/google", &his).await.is(200);
    assert_eq!(session(&fleet, &entered).id, bob.id, "both sides had it proven");
}

pub async fn a_provider_stands_for_the_password_and_not_for_the_second_factor(fleet: Arc<Fleet>) {
    let mut ada = Person::new(&fleet).await;
    let hers = Someone::at(&fresh("hers"), ada.email.clone());
    let linked = Browser::new(&fleet).signs_in("/api/v1/auth/google", &hers).await.is(200);
    assert_eq!(session(&fleet, &linked).id, ada.id);
    let (mut app, recovery) = turns_on(&mut ada).await;
    let stranger = Person::without_account(&fleet, "");
    let shows = async |asked: Value, code: &str| {
        assert_eq!(asked["access_token"], Value::Null, "{asked}");
        stranger.post("/auth/mfa/verify", json!({ "mfa_token": asked["mfa_token"], "code": code })).await
    };
    let signs_in = async |path: &str| Browser::new(&fleet).signs_in(path, &hers).await;
    let asked = signs_in("/api/v1/auth/google").await.refuses(401, "mfa_required").json();
    shows(asked.clone(), "000000").await.refuses(401, "wrong_code");
    let entered = shows(asked, &app.code()).await.is(200);
    assert_eq!(session(&fleet, &entered).id, ada.id);
    // The same for an application elsewhere, which has the code alone.
    let sent = signs_in(&format!("/api/v1/auth/google?redirect_uri={APPLICATION}&code_challenge={CHALLENGE}")).await;
    let code = pair(&Url::parse(sent.is(303).header("location")).unwrap(), "code");
    let exchanged = stranger.post("/auth/oauth/exchange", json!({ "code": code, "code_verifier": VERIFIER })).await;
    let asked = exchanged.refuses(401, "mfa_required").json();
    assert_eq!(session(&fleet, &shows(asked, &recovery[0]).await.is(200)).id, ada.id);
}

pub async fn an_owner_links_a_provider_and_unlinks_it(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let hers = Someone::new(&fresh("work"));
    let browser = Browser::new(&fleet);
    let sets_out = ada.request(Method::POST, "/auth/identities/google").json(&json!({}));
    let gateway = Url::parse(&fleet.url("/")).unwrap();
    let authorization = browser.ask(&gateway, sets_out).await.is(200);
    let back = browser.through(&authorization, &hers).await;
    let linked = browser.get(back.as_str()).await.is(200).json();
    assert_eq!((&linked["provider"], &linked["email"]), (&json!("google"), &json!(hers.email)), "{linked}");
    mail::wait_for(&fleet, &ada.email, SIGN_UP + 1).await;
    let entered = Browser::new(&fleet).signs_in("/api/v1/auth/google", &hers).await.is(200);
    assert_eq!(session(&fleet, &entered).id, ada.id);
    let identity = format!("/auth/identities/{}", linked["id"].as_str().unwrap());
    let stranger = Person::new(&fleet).await;
    stranger.delete(&identity).await.refuses(404, "not_found");
    ada.delete(&identity).await.is(204);
    let events = ada.get("/auth/security-events?limit=100").await.is(200);
    assert!(events.text.contains("identity_linked") && events.text.contains("identity_unlinked"), "{}", events.text);
    let other = Browser::new(&fleet).signs_in("/api/v1/auth/google", &hers).await.is(200);
    let other = session(&fleet, &other);
    assert_ne!(other.id, ada.id, "it opens an account of its own now");
    let only = other.get("/auth/identities").await.is(200).json()["items"][0]["id"].as_str().unwrap().to_owned();
    other.delete(&format!("/auth/identities/{only}")).await.refuses(409, "last_credential");
}

/// Its page keeps no cookie of ours: what it fetches is an address, and the browser goes there itself.
pub async fn an_application_elsewhere_links_a_provider_by_a_code(fleet: Arc<Fleet>) {
    let (ada, mallory) = (Person::new(&fleet).await, Person::new(&fleet).await);
    let hers = Someone::new(&fresh("work"));
    let code = async || {
        let wish = json!({ "redirect_uri": APPLICATION, "code_challenge": CHALLENGE });
        let begun = ada.post("/auth/identities/google", wish).await.is(200);
        assert!(begun.headers.get("set-cookie").is_none(), "{:?}", begun.headers);
        let address = begun.json()["authorization_url"].as_str().unwrap().to_owned();
        assert!(address.starts_with(&fleet.url("/api/v1/auth/google?ticket=")), "{address}");
        let browser = Browser::new(&fleet);
        let authorization = browser.get(&address).await.is(200);
        browser.get(&address).await.refuses(400, "state_invalid");
        let back = browser.through(&authorization, &hers).await;
        let sent = browser.get(back.as_str()).await.is(303);
        let there = Url::parse(sent.header("location")).unwrap();
        assert!(there.as_str().starts_with(&format!("{APPLICATION}?link_code=")), "{there}");
        pair(&there, "link_code")
    };
    let confirms = async |who: &Person<'_>, code: &str| {
        let shown = json!({ "code": code, "code_verifier": VERIFIER });
        who.post("/auth/identities/google/confirm", shown).await
    };
    let stolen = code().await;
    confirms(&mallory, &stolen).await.refuses(400, "code_invalid");
    confirms(&ada, &stolen).await.refuses(400, "code_invalid");
    let own = code().await;
    let linked = confirms(&ada, &own).await.is(200).json();
    assert_eq!((&linked["provider"], &linked["email"]), (&json!("google"), &json!(hers.email)), "{linked}");
    confirms(&ada, &own).await.refuses(400, "code_invalid");
    mail::wait_for(&fleet, &ada.email, SIGN_UP + 1).await; // she is told
    let entered = Browser::new(&fleet).signs_in("/api/v1/auth/google", &hers).await.is(200);
    assert_eq!(session(&fleet, &entered).id, ada.id);
}
