//! What somebody who is signed in shows once more, and until when he is.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::Call;

use crate::factors::{code, confirms, enrols, has_app, secret_of};
use crate::passkeys::authenticator::Device;
use crate::passkeys::{added_by, answers, asked};
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, device_of};

/// Nobody who judges tokens has heard of it yet.
const ALL_ARE_OVER: &str = "UPDATE sessions SET ended_at = created_at, end_reason = 'logout' WHERE ended_at IS NULL";
const FACTORS: &str = "SELECT (SELECT count(*) FROM passkeys) * 100 + (SELECT count(*) FROM totp_factors) * 1000
    + (SELECT count(*) FROM recovery_codes WHERE used_at IS NULL)";

#[tokio::test]
async fn whose_session_ended_since_he_came_in_changes_no_factor() {
    let app = TestApp::start().await;
    let (ada, bob, device) = (has_app(&app, "ada").await.signed_in, app.signs_in("bob").await, Device::honest());
    let (_, passkey) = added_by(&ada.actor, &device).await;
    let passkey = format!("/auth/passkeys/{}", passkey["id"].as_str().unwrap());
    let question = asked(&ada.actor, "/auth/passkeys/options").await;
    let mark = app.mark().await;
    app.execute(ALL_ARE_OVER).await;
    answers(&ada.actor, "/auth/passkeys", &question, device.makes(&question).1).await.is(401, "token_revoked");
    ada.actor.delete(&passkey).await.is(401, "token_revoked");
    ada.actor.call(Method::POST, "/auth/mfa/recovery-codes").await.is(401, "token_revoked");
    ada.actor.delete("/auth/mfa/totp").await.is(401, "token_revoked");
    enrols(&bob).await.is(401, "token_revoked");
    assert_eq!(app.count(FACTORS).await, 1_110);
    app.emitted_nothing_since(mark).await;
}

/// Wherever the password is asked for, but where it is changed.
fn says(who: &SignedIn, password: &str) -> Vec<Call> {
    let body: &Value = &json!({ "password": password });
    let paths = ["/auth/step-up", "/auth/mfa/totp", "/auth/passkeys/options", "/auth/exports", "/auth/identities/acme"];
    let mut all: Vec<Call> = paths.iter().map(|path| who.actor.post(path, body)).collect();
    all.push(who.actor.delete("/auth/me").json(body));
    all.push(who.actor.post("/auth/change-email", json!({ "new_email": "eve@example.org", "password": password })));
    all
}

fn steps_up(who: &SignedIn, password: &str) -> Call {
    who.actor.post("/auth/step-up", json!({ "password": password }))
}

#[tokio::test]
async fn a_wrong_password_is_noted_wherever_it_is_asked_for() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let all = says(&ada, "not her password");
    let count = i64::try_from(all.len()).unwrap();
    for (n, call) in all.into_iter().enumerate() {
        call.header("x-forwarded-for", &format!("203.0.{n}.9")).await.is(401, "invalid_credentials");
    }
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'password_refused'").await, count);
}

#[tokio::test]
async fn whoever_has_a_token_guesses_the_password_no_longer_than_at_a_login_and_an_administrator_lifts_it() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    for call in says(&ada, "not her password").into_iter().take(5) {
        call.await.is(401, "invalid_credentials");
    }
    for call in says(&ada, PASSWORD) {
        let locked = call.await;
        locked.is(429, "too_many_attempts");
        assert_eq!(locked.header("retry-after"), Some("60"));
    }
    app.logs_in("ada", PASSWORD).await.has_status(200);
    steps_up(&ada, PASSWORD).header("x-forwarded-for", "203.0.113.9").await.has_status(200);
    let unlock = format!("/auth/users/{}/unlock", ada.id);
    root.actor.patch(&unlock, json!({ "reason": "Elle a appelé." })).await.has_status(200);
    steps_up(&ada, PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn a_right_password_forgets_the_wrong_ones_and_the_owners_browser_is_not_kept_out_by_others() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let login = app.logs_in("ada", PASSWORD).await;
    let (ada, device) = (SignedIn::of(&app, &login), device_of(&login));
    for _ in 0..3 {
        for _ in 0..4 {
            steps_up(&ada, "not her password").await.is(401, "invalid_credentials");
        }
        steps_up(&ada, PASSWORD).await.has_status(200);
    }
    for _ in 0..5 {
        steps_up(&ada, "not her password").await.is(401, "invalid_credentials");
    }
    steps_up(&ada, PASSWORD).await.is(429, "too_many_attempts");
    steps_up(&ada, PASSWORD).header("cookie", &device).await.has_status(200);
}

/// Else anybody who knows an account's id could lock what is asked of its owner.
#[tokio::test]
async fn what_is_counted_for_an_account_cannot_be_named_at_a_login() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    for what in ["Password of", "Second factor of"] {
        let body = json!({ "username": format!("{what} {}", ada.id), "password": "not her password" });
        for _ in 0..5 {
            app.nobody().post("/auth/login", &body).await.is(401, "invalid_credentials");
        }
    }
    steps_up(&ada, PASSWORD).await.has_status(200);
    let enrolled = enrols(&ada).await;
    confirms(&ada, &code(&secret_of(&enrolled), app.clock.now())).await.has_status(200);
}
