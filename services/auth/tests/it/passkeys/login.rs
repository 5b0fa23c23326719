//! POST /auth/passkeys/login.

use contracts::auth::{UserLoggedIn, UserLoginFailed};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::authenticator::Device;
use super::{answers, asked, enters, equipped, last_noted, later, passkey_of, with_status};
use crate::support::{Deeds, SignedIn, TestApp, device_of, together};

const OPTIONS: &str = "/auth/passkeys/login/options";
const PATH: &str = "/auth/passkeys/login";
const SESSIONS: &str = "SELECT count(*) FROM sessions";

#[tokio::test]
async fn one_that_is_not_shown_as_it_was_asked_for_is_refused_and_noted() {
    let app = TestApp::start().await;
    let (ada, honest, mut passkey) = equipped(&app, "ada").await;
    let lies = [
        (Device { origin: "http://127.0.0.1:8080", ..honest.clone() }, "other_origin"),
        (Device { origin: "https://localhost:8080", ..honest.clone() }, "other_origin"),
        (Device { origin: "http://localhost:8081", ..honest.clone() }, "other_origin"),
        (Device { origin: "http://evil.localhost:8080", ..honest.clone() }, "other_origin"),
        (Device { framed: true, ..honest.clone() }, "other_origin"),
        (Device { site: "example.org", ..honest.clone() }, "other_site"),
        (Device { site: "app.localhost", ..honest.clone() }, "other_site"),
        (Device { knows_its_owner: false, ..honest.clone() }, "user_not_verified"),
        (Device { challenge: Some("3q2-7w".into()), ..honest.clone() }, "other_challenge"),
        (Device { synced: true, ..honest.clone() }, "unfit"),
    ];
    for (device, why) in lies {
        later(&app);
        enters(&app, &device, &mut passkey).await.is(401, "passkey_refused");
        assert_eq!(last_noted(&ada.actor).await, ("login_failed".into(), why.into()));
    }
    assert_eq!(app.count(SESSIONS).await, 1);
    enters(&app, &honest, &mut passkey).await.has_status(200);
}

#[tokio::test]
async fn one_whose_counter_does_not_grow_may_be_a_copy() {
    let app = TestApp::start().await;
    let (ada, device, mut passkey) = equipped(&app, "ada").await;
    passkey.counter = 7;
    enters(&app, &device, &mut passkey).await.has_status(200);
    for back in [7, 6, 0] {
        later(&app);
        passkey.counter = back;
        enters(&app, &device, &mut passkey).await.is(401, "passkey_refused");
        assert_eq!(last_noted(&ada.actor).await, ("login_failed".into(), "counter_went_back".into()));
    }
    passkey.counter = 8;
    enters(&app, &device, &mut passkey).await.has_status(200);
}

#[tokio::test]
async fn of_twenty_copies_that_show_the_same_counter_one_gets_in() {
    let app = TestApp::start().await;
    let (_, device, mut passkey) = equipped(&app, "ada").await;
    passkey.counter = 1;
    let mut calls = Vec::new();
    for _ in 0..20 {
        let asked = asked(&app.nobody(), OPTIONS).await;
        calls.push(answers(&app.nobody(), PATH, &asked, device.shows_again(&passkey, &asked)).into_future());
    }
    let all = together(calls).await;
    assert_eq!((with_status(&all, 200), with_status(&all, 401)), (1, 19));
    assert_eq!(app.count(SESSIONS).await, 2);
}

#[tokio::test]
async fn what_was_shown_once_is_not_shown_again() {
    let app = TestApp::start().await;
    let (ada, device, mut passkey) = equipped(&app, "ada").await;
    let first = asked(&app.nobody(), OPTIONS).await;
    let shown = device.shows(&mut passkey, &first);
    answers(&app.nobody(), PATH, &first, shown.clone()).await.has_status(200);
    later(&app);
    answers(&app.nobody(), PATH, &first, shown.clone()).await.is(401, "passkey_refused");
    let second = asked(&app.nobody(), OPTIONS).await;
    answers(&app.nobody(), PATH, &second, shown).await.is(401, "passkey_refused");
    assert_eq!(last_noted(&ada.actor).await, ("login_failed".into(), "other_challenge".into()));
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE reason = 'ticket_invalid'").await, 1);
}

#[tokio::test]
async fn of_twenty_with_one_ticket_one_gets_in() {
    let app = TestApp::start().await;
    let (_, device, mut passkey) = equipped(&app, "ada").await;
    let asked = asked(&app.nobody(), OPTIONS).await;
    let all = together(
        (0..20).map(|_| answers(&app.nobody(), PATH, &asked, device.shows(&mut passkey, &asked)).into_future()),
    );
    let all = all.await;
    assert_eq!((with_status(&all, 200), with_status(&all, 401)), (1, 19));
    assert_eq!(app.count(SESSIONS).await, 2);
}

#[tokio::test]
async fn a_ticket_is_good_for_five_minutes_and_for_nothing_else() {
    let app = TestApp::start().await;
    let (ada, device, mut passkey) = equipped(&app, "ada").await;
    for path in ["/auth/passkeys/options", "/auth/step-up/passkey/options"] {
        let asked = asked(&ada.actor, path).await;
        let shown = device.shows(&mut passkey, &asked);
        answers(&app.nobody(), PATH, &asked, shown).await.is(401, "passkey_refused");
    }
    let mut made_up = asked(&app.nobody(), OPTIONS).await;
    let late = made_up.clone();
    made_up["ticket"] = "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into();
    let shown = device.shows(&mut passkey, &made_up);
    answers(&app.nobody(), PATH, &made_up, shown).await.is(401, "passkey_refused");
    app.clock.advance(SignedDuration::from_mins(5));
    let shown = device.shows(&mut passkey, &late);
    answers(&app.nobody(), PATH, &late, shown).await.is(401, "passkey_refused");
    assert_eq!(app.count(SESSIONS).await, 1);
}

#[tokio::test]
async fn nobody_enters_by_a_key_that_is_unknown_or_in_anothers_name() {
    let app = TestApp::start().await;
    let (ada, device, mut passkey) = equipped(&app, "ada").await;
    let (bob, ..) = equipped(&app, "bob").await;
    let registration = asked(&ada.actor, "/auth/passkeys/options").await;
    let (mut unknown, _) = device.makes(&registration);
    enters(&app, &device, &mut unknown).await.is(401, "passkey_refused");
    later(&app);
    let (mut forged, _) = device.makes_as(&registration, passkey.id.clone());
    enters(&app, &device, &mut forged).await.is(401, "passkey_refused");
    assert_eq!(last_noted(&ada.actor).await, ("login_failed".into(), "bad_signature".into()));
    let nameless = Device { names_the_account: false, ..device.clone() };
    enters(&app, &nameless, &mut passkey).await.is(401, "passkey_refused");
    passkey.user = bob.id.0.as_bytes().to_vec();
    enters(&app, &device, &mut passkey).await.is(401, "passkey_refused");
    assert_eq!(app.count(SESSIONS).await, 2);
    let noted = "SELECT count(*) FROM security_events WHERE user_id IS NULL AND kind = 'login_failed'
        AND reason IN ('unknown_passkey', 'other_account')";
    assert_eq!(app.count(noted).await, 3);
    let told: Vec<String> = app.emitted_of::<UserLoginFailed>().await.into_iter().map(|told| told.reason).collect();
    assert_eq!(told, ["passkey_refused"; 4]);
}

#[tokio::test]
async fn a_closed_account_and_one_whose_address_is_not_proven_stay_shut() {
    let app = TestApp::start().await;
    let (_, device, mut passkey) = equipped(&app, "ada").await;
    app.execute("UPDATE users SET is_verified = false").await;
    enters(&app, &device, &mut passkey).await.is(403, "email_not_verified");
    app.execute("UPDATE users SET is_verified = true, is_active = false").await;
    enters(&app, &device, &mut passkey).await.is(403, "account_disabled");
    let told: Vec<String> = app.emitted_of::<UserLoginFailed>().await.into_iter().map(|told| told.reason).collect();
    assert_eq!(told, ["not_verified", "disabled"]);
    app.execute("UPDATE users SET is_active = true").await;
    enters(&app, &device, &mut passkey).await.has_status(200);
}

#[tokio::test]
async fn one_passkey_is_tried_five_times_a_minute_from_one_address() {
    let app = TestApp::with(&[("LIMIT_LOGIN", "5/min")]).await;
    let (_, device, mut passkey) = equipped(&app, "ada").await;
    let (_, other, mut of_bob) = equipped(&app, "bob").await;
    let liar = Device { site: "example.org", ..device.clone() };
    for _ in 0..5 {
        enters(&app, &liar, &mut passkey).await.is(401, "passkey_refused");
    }
    enters(&app, &device, &mut passkey).await.is(429, "quota_exceeded");
    enters(&app, &other, &mut of_bob).await.has_status(200);
}

#[tokio::test]
async fn a_session_is_opened_with_two_factors_and_the_device_is_known_from_then_on() {
    let app = TestApp::start().await;
    let (ada, device, mut passkey) = equipped(&app, "ada").await;
    let question = asked(&app.nobody(), OPTIONS).await;
    let credential = device.shows(&mut passkey, &question);
    let body = json!({ "ticket": question["ticket"], "credential": credential, "device_name": "Portable" });
    let answer = app.nobody().post(PATH, body).await;
    assert!(device_of(&answer).starts_with("__Host-device="));
    let session = SignedIn::of(&app, &answer);
    assert_eq!((session.id, &session.claims()["amr"]), (ada.id, &json!(["hwk", "user", "mfa"])));
    assert_eq!(session.claims()["auth_time"], app.clock.now().as_second());
    let sessions = session.actor.get("/auth/sessions").await.json();
    let current = |item: &&Value| item["current"] == true;
    let devices: Vec<_> = sessions["items"].as_array().unwrap().iter().filter(current).map(|s| &s["device"]).collect();
    assert_eq!(devices, ["Portable"]);
    SignedIn::of(&app, &app.refreshes(&session.refresh).await);
    assert_eq!(app.told::<UserLoggedIn>().await, 2);
    let long =
        json!({ "ticket": "x", "credential": device.shows(&mut passkey, &question), "device_name": "x".repeat(101) });
    app.nobody().post(PATH, long).await.is(422, "invalid").names("/device_name", "too_long");
}

#[tokio::test]
async fn a_key_that_may_leave_its_device_is_told_from_one_that_may_not() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let synced = Device { synced: true, ..Device::honest() };
    let mut passkey = passkey_of(&ada.actor, &synced).await;
    let session = SignedIn::of(&app, &enters(&app, &synced, &mut passkey).await);
    assert_eq!(session.claims()["amr"], json!(["swk", "user", "mfa"]));
}

#[tokio::test]
async fn who_guesses_passwords_does_not_lock_passkeys_out() {
    let app = TestApp::start().await;
    let (_, device, mut passkey) = equipped(&app, "ada").await;
    for _ in 0..5 {
        app.logs_in("ada", "not her password").await.has_status(401);
    }
    app.logs_in("ada", "not her password").await.is(429, "too_many_attempts");
    enters(&app, &device, &mut passkey).await.has_status(200);
}

#[tokio::test]
async fn pages_of_every_origin_that_is_configured_may_ask() {
    let app = TestApp::start().await;
    let (_, device, mut passkey) = equipped(&app, "ada").await;
    let elsewhere = Device { origin: "http://app.localhost:8080", ..device };
    enters(&app, &elsewhere, &mut passkey).await.has_status(200);
}
