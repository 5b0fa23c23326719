//! DELETE /auth/mfa/totp.

use contracts::auth::{MfaDisabled, SecondFactor, SessionRevoked};
use jiff::SignedDuration;
use serde_json::json;
use testkit::Answer;

use super::{Owner, challenged, code, confirms, enrols, has_app, secret_of, shows, turns_on, with_access};
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, held, somebody_waits};

async fn turns_off(who: &SignedIn) -> Answer {
    who.actor.delete("/auth/mfa/totp").await
}

/// The session goes on, with another token.
async fn refreshed(app: &TestApp, who: &SignedIn) -> SignedIn {
    SignedIn::of(app, &app.refreshes(&who.refresh).await)
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
    let next = refreshed(&app, &ada.signed_in).await;
    assert_eq!(next.claims()["amr"], json!(["pwd", "otp"]));
}

/// They say that two factors were shown, which opens what is for administrators.
#[tokio::test]
async fn tokens_that_speak_of_a_second_factor_are_void_with_the_last_one() {
    let app = TestApp::start().await;
    let plain = app.signs_in("root").await;
    app.execute("UPDATE users SET roles = '{user,admin}'").await;
    let root = turns_on(&app, refreshed(&app, &plain).await).await.signed_in;
    root.actor.get("/auth/users").await.has_status(200);
    turns_off(&root).await.has_status(204);
    root.actor.get("/auth/users").await.is(401, "token_revoked");
    let [told] = app.emitted_of::<SessionRevoked>().await.try_into().unwrap();
    assert_eq!((told.user_id, told.sid, told.not_before.is_some()), (Some(root.id), None, true));
    let next = refreshed(&app, &root).await;
    next.actor.get("/auth/users").await.is(401, "step_up_required");
    next.actor.get("/auth/me").await.has_status(200);
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
    turns_off(&refreshed(&app, &ada.signed_in).await).await.is(404, "not_found");
}

#[tokio::test]
async fn another_app_can_be_turned_on_then_and_the_old_one_is_worth_nothing() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    turns_off(&ada.signed_in).await.has_status(204);
    let again = refreshed(&app, &ada.signed_in).await;
    let secret = secret_of(&enrols(&again).await);
    assert_ne!(secret, ada.secret);
    confirms(&again, &ada.code(&app)).await.is(422, "invalid");
    confirms(&again, &code(&secret, app.clock.now())).await.has_status(200);
    let token = challenged(&app, "ada").await;
    shows(&app, &token, &ada.codes[0]).await.is(401, "wrong_code");
}

/// Tokens are old by when the account was locked, not by when turning it off began to wait for it.
#[tokio::test]
async fn a_token_that_is_made_while_it_waits_dies_with_the_others() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    let held = held(&app, ada.id()).await;
    let refresh = async {
        somebody_waits(&app).await;
        app.clock.advance(SignedDuration::from_secs(5));
        let between = refreshed(&app, &ada.signed_in).await;
        held.release().await;
        between
    };
    let (off, between) = futures_util::future::join(turns_off(&ada.signed_in), refresh).await;
    off.has_status(204);
    between.actor.get("/auth/me").await.is(401, "token_revoked");
    refreshed(&app, &between).await.actor.get("/auth/me").await.has_status(200);
}
