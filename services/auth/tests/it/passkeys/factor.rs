//! POST /auth/mfa/passkey.

use contracts::auth::UserLoginFailed;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::Call;

use super::authenticator::Device;
use super::{answers, asked, asked_after_password, challenged, equipped, last_noted, later, with_status};
use crate::support::{Deeds, SignedIn, TestApp, device_of, together};

const SESSIONS: &str = "SELECT count(*) FROM sessions";

fn shows(app: &TestApp, token: &Value, credential: Value) -> Call {
    app.nobody().post("/auth/mfa/passkey", json!({ "mfa_token": token, "credential": credential }))
}

#[tokio::test]
async fn the_password_and_then_the_passkey_open_a_session() {
    let app = TestApp::start().await;
    let (ada, device, mut passkey) = equipped(&app, "ada").await;
    let token = challenged(&app, "ada").await;
    let asked = asked_after_password(&app, &token).await;
    let nameless = Device { names_the_account: false, ..device };
    let answer = shows(&app, &token, nameless.shows(&mut passkey, &asked)).await;
    assert!(device_of(&answer).starts_with("__Host-device="));
    let session = SignedIn::of(&app, &answer);
    assert_eq!((session.id, &session.claims()["amr"]), (ada.id, &json!(["pwd", "hwk", "user", "mfa"])));
    session.actor.get("/auth/me").await.has_status(200);
}

#[tokio::test]
async fn what_will_not_do_is_refused_noted_and_one_of_five_tries() {
    let app = TestApp::start().await;
    let (ada, honest, mut passkey) = equipped(&app, "ada").await;
    let (_, _, mut of_bob) = equipped(&app, "bob").await;
    let token = challenged(&app, "ada").await;
    let lies = [
        (Device { origin: "http://127.0.0.1:8080", ..honest.clone() }, "other_origin"),
        (Device { site: "example.org", ..honest.clone() }, "other_site"),
        (Device { knows_its_owner: false, ..honest.clone() }, "user_not_verified"),
    ];
    for (device, why) in lies {
        later(&app);
        let asked = asked_after_password(&app, &token).await;
        shows(&app, &token, device.shows(&mut passkey, &asked)).await.is(401, "passkey_refused");
        assert_eq!(last_noted(&ada.actor).await, ("login_failed".into(), why.into()));
    }
    later(&app);
    let asked = asked_after_password(&app, &token).await;
    shows(&app, &token, honest.shows(&mut of_bob, &asked)).await.is(401, "passkey_refused");
    assert_eq!(last_noted(&ada.actor).await, ("login_failed".into(), "other_account".into()));
    let answered = honest.shows(&mut passkey, &asked);
    shows(&app, &token, answered.clone()).await.is(401, "passkey_refused");
    shows(&app, &token, answered).await.is(401, "mfa_invalid");
    let told: Vec<String> = app.emitted_of::<UserLoginFailed>().await.into_iter().map(|told| told.reason).collect();
    assert_eq!(told, ["passkey_refused"; 5]);
    assert_eq!(app.count(SESSIONS).await, 2);
}

#[tokio::test]
async fn of_twenty_with_one_challenge_one_gets_in() {
    let app = TestApp::start().await;
    let (_, device, mut passkey) = equipped(&app, "ada").await;
    let token = challenged(&app, "ada").await;
    let asked = asked_after_password(&app, &token).await;
    let all = (0..20).map(|_| shows(&app, &token, device.shows(&mut passkey, &asked)).into_future());
    let all = together(all.collect::<Vec<_>>()).await;
    assert_eq!((with_status(&all, 200), with_status(&all, 401)), (1, 19));
    assert_eq!(app.count(SESSIONS).await, 2);
}

#[tokio::test]
async fn the_newest_question_alone_is_answered_and_not_after_five_minutes() {
    let app = TestApp::start().await;
    let (ada, device, mut passkey) = equipped(&app, "ada").await;
    let token = challenged(&app, "ada").await;
    let first = asked_after_password(&app, &token).await;
    let second = asked_after_password(&app, &token).await;
    later(&app);
    shows(&app, &token, device.shows(&mut passkey, &first)).await.is(401, "passkey_refused");
    assert_eq!(last_noted(&ada.actor).await, ("login_failed".into(), "other_challenge".into()));
    app.clock.advance(SignedDuration::from_mins(5));
    shows(&app, &token, device.shows(&mut passkey, &second)).await.is(401, "mfa_invalid");
}

#[tokio::test]
async fn nothing_that_was_asked_for_something_else_is_an_answer() {
    let app = TestApp::start().await;
    let (_, device, mut passkey) = equipped(&app, "ada").await;
    let token = challenged(&app, "ada").await;
    let login = asked(&app.nobody(), "/auth/passkeys/login/options").await;
    shows(&app, &token, device.shows(&mut passkey, &login)).await.is(401, "passkey_refused");
    shows(&app, &login["ticket"], device.shows(&mut passkey, &login)).await.is(401, "mfa_invalid");
    let mut factor = asked_after_password(&app, &token).await;
    factor["ticket"] = token;
    let shown = device.shows(&mut passkey, &factor);
    answers(&app.nobody(), "/auth/passkeys/login", &factor, shown).await.is(401, "passkey_refused");
    assert_eq!(app.count(SESSIONS).await, 1);
}
