//! What an owner is told, and what strangers cannot do to an account.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::fleet::Fleet;
use crate::mail::{self, SIGN_UP};
use crate::person::{Answer, PASSWORD, Person, send};
use crate::wait;

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// A login, with a header or without.
async fn enters(person: &Person<'_>, password: &str, header: Option<(&str, &str)>) -> Answer {
    let stranger = Person::without_account(person.fleet, "");
    let mut login = stranger.request(Method::POST, "/auth/login");
    if let Some((name, value)) = header {
        login = login.header(name, value);
    }
    send(login.json(&json!({ "email": person.email, "password": password }))).await
}

pub async fn a_new_device_is_told_to_the_owner_alone(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let bob = Person::new(&fleet).await;
    enters(&ada, PASSWORD, Some(("user-agent", BROWSER))).await.is(200);
    let told = mail::wait_for(&fleet, &ada.email, SIGN_UP + 1).await;
    assert!(told.text.contains("Firefox, Linux") && !told.html.is_empty(), "{told:?}");
    enters(&ada, "pas-le-bon-mot", None).await.refuses(401, "invalid_credentials");
    let events = ada.get("/auth/security-events?limit=2").await.is(200).json();
    let kinds: Vec<_> = events["items"].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["login_failed", "logged_in"], "{events}");
    assert!(events["next_cursor"].is_string());
    let of_bob = bob.get("/auth/security-events").await.is(200);
    assert!(!of_bob.text.contains("Firefox") && !of_bob.text.contains("login_failed"), "{}", of_bob.text);
}

pub async fn who_guesses_is_locked_out_and_the_owners_browser_is_not(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let entered = enters(&ada, PASSWORD, None).await.is(200);
    let cookie = entered.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-device="), "{cookie}");
    // Logins are five a minute besides: a guess that is told so was not looked at, and comes again.
    let patience = Duration::from_secs(60);
    for _ in 0..5 {
        wait::until_true("a guess to be looked at", patience, async || {
            enters(&ada, "pas-le-bon-mot", None).await.status == 401
        })
        .await;
    }
    let locked = wait::until("the right password to be refused", patience, async || {
        let answer = enters(&ada, PASSWORD, None).await;
        (answer.json()["code"] != "quota_exceeded").then_some(answer)
    })
    .await
    .refuses(429, "too_many_attempts");
    assert!((1..=60).contains(&locked.header("retry-after").parse().unwrap()), "{locked:?}");
    wait::until_true("the owner's browser to enter", patience, async || {
        enters(&ada, PASSWORD, Some(("cookie", cookie.as_str()))).await.status == 200
    })
    .await;
}
