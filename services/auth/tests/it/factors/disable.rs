//! DELETE /auth/mfa/totp.

use contracts::auth::{MfaDisabled, SecondFactor};
use jiff::SignedDuration;
use serde_json::json;
use testkit::Answer;

use super::{Owner, challenged, code, confirms, enrols, has_app, secret_of, shows, with_access};
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp};

async fn turns_off(who: &SignedIn) -> Answer {
    who.actor.delete("/auth/mfa/totp").await
}

async fn steps_up(app: &TestApp, ada: &Owner) -> SignedIn {
    let answer = ada.signed_in.actor.post("/auth/step-up", json!({ "code": ada.code(app) })).await;
    answer.has_status(200);
    with_access(app, &ada.signed_in, &answer.json()["access_token"])
}

#[tokio::test]
async fn what_is_not_on_is_not_turned_off() {
    let app = TestApp::start().await;
    app.nobody().delete("/auth/mfa/totp").await.is(401, "unauthenticated");
    let ada = app.signs_in("ada").await;
    turns_off(&ada).await.is(404, "not_found");
    enrols(&ada).await.has_status(201);
    turns_off(&ada).await.is(404, "not_found");
}

#[tokio::test]
async fn ten_minutes_after_the_proof_a_code_is_asked_for_and_a_password_does_not_do() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    app.clock.advance(SignedDuration::from_mins(10));
    let refused = turns_off(&ada.signed_in).await;
    refused.is(401, "step_up_required");
    assert_eq!(refused.json()["methods"], json!(["totp", "recovery_code"]));
    let challenge = "Bearer error=\"insufficient_user_authentication\", max_age=600";
    assert_eq!(refused.header("www-authenticate"), Some(challenge));
    let password = json!({ "password": PASSWORD });
    ada.signed_in.actor.post("/auth/step-up", password).await.is(401, "step_up_required");
    turns_off(&ada.signed_in).await.is(401, "step_up_required");
    let fresh = steps_up(&app, &ada).await;
    turns_off(&fresh).await.has_status(204);
}

/// It was issued in the session that goes on, and a thief may have it.
#[tokio::test]
async fn a_token_of_before_does_not_turn_it_off() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    turns_off(&ada.before).await.is(401, "step_up_required");
    challenged(&app, "ada").await;
}

#[tokio::test]
async fn a_login_asks_for_the_password_alone_afterwards_and_no_session_counts_as_more() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    let pending = challenged(&app, "ada").await;
    turns_off(&ada.signed_in).await.has_status(204);
    shows(&app, &pending, &ada.codes[0]).await.is(401, "wrong_code");
    let again = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    assert_eq!(again.claims()["amr"], json!(["pwd"]));
    let shown = again.actor.get("/auth/mfa").await;
    assert_eq!(shown.json(), json!({ "totp": false, "passkeys": 0, "recovery_codes": 0 }));
    let next = SignedIn::of(&app, &app.refreshes(&ada.signed_in.refresh).await);
    assert_eq!(next.claims()["amr"], json!(["pwd", "otp"]));
}

#[tokio::test]
async fn it_is_told_noted_and_mailed() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    turns_off(&ada.signed_in).await.has_status(204);
    let told = app.emitted_of::<MfaDisabled>().await;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].user_id, told[0].method), (ada.id(), SecondFactor::Totp));
    assert_eq!(app.mails("ada").await.pop().unwrap().template, "mfa_disabled");
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'mfa_disabled'").await, 1);
    turns_off(&ada.signed_in).await.is(404, "not_found");
}

#[tokio::test]
async fn another_app_can_be_turned_on_then_and_the_old_one_is_worth_nothing() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    turns_off(&ada.signed_in).await.has_status(204);
    let secret = secret_of(&enrols(&ada.signed_in).await);
    assert_ne!(secret, ada.secret);
    confirms(&ada.signed_in, &ada.code(&app)).await.is(422, "invalid");
    confirms(&ada.signed_in, &code(&secret, app.clock.now())).await.has_status(200);
    let token = challenged(&app, "ada").await;
    shows(&app, &token, &ada.codes[0]).await.is(401, "wrong_code");
}
