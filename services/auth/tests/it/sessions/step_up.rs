//! POST /auth/step-up.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Answer;

use crate::factors::{STEP, enrols, enters, has_app, with_access, wrong_code};
use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, SignedIn, TestApp, together};

async fn steps_up(who: &SignedIn, body: Value) -> Answer {
    who.actor.post("/auth/step-up", body).await
}

#[tokio::test]
async fn only_who_is_signed_in_proves_himself_again() {
    let app = TestApp::start().await;
    app.nobody().post("/auth/step-up", json!({ "password": PASSWORD })).await.is(401, "unauthenticated");
    let ada = app.signs_in("ada").await;
    ada.actor.call(Method::POST, "/auth/logout").await.has_status(204);
    steps_up(&ada, json!({ "password": PASSWORD })).await.is(401, "token_revoked");
}

#[tokio::test]
async fn without_a_second_factor_the_password_does() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.clock.advance(SignedDuration::from_mins(20));
    enrols(&ada).await.is(401, "step_up_required");
    for nothing in [json!({}), json!({ "code": "123456" })] {
        let refused = steps_up(&ada, nothing).await;
        refused.is(401, "step_up_required");
        assert_eq!(refused.json()["methods"], json!(["password"]));
    }
    steps_up(&ada, json!({ "password": NEW_PASSWORD })).await.is(401, "invalid_credentials");
    let answer = steps_up(&ada, json!({ "password": PASSWORD })).await;
    let json = answer.has_status(200).json();
    assert_eq!((&json["token_type"], &json["expires_in"]), (&json!("bearer"), &json!(1_800)));
    assert!(json["refresh_token"].is_null(), "{json}");
    let fresh = with_access(&app, &ada, &json["access_token"]);
    let claims = fresh.claims();
    assert_eq!((&claims["sid"], &claims["amr"]), (&ada.claims()["sid"], &json!(["pwd"])));
    assert_eq!(claims["auth_time"], app.clock.now().as_second());
    enrols(&fresh).await.has_status(201);
    let noted = "SELECT count(*) FROM security_events WHERE kind IN ('stepped_up', 'password_refused')";
    assert_eq!(app.count(noted).await, 2);
}

#[tokio::test]
async fn with_a_second_factor_a_password_alone_does_not() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    for body in [json!({ "password": PASSWORD }), json!({ "password": NEW_PASSWORD }), json!({})] {
        let refused = steps_up(&ada.signed_in, body).await;
        refused.is(401, "step_up_required");
        assert_eq!(refused.json()["methods"], json!(["totp", "recovery_code"]));
        assert!(refused.json()["login_url"].is_string());
    }
    let wrong = wrong_code(&ada.secret, app.clock.now());
    steps_up(&ada.signed_in, json!({ "password": PASSWORD, "code": wrong })).await.is(401, "wrong_code");
    steps_up(&ada.before, json!({ "password": PASSWORD, "code": wrong })).await.is(401, "wrong_code");
}

#[tokio::test]
async fn refreshed_tokens_keep_what_was_proven() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    app.clock.advance(SignedDuration::from_mins(20));
    for code in [ada.code(&app), ada.codes[0].clone()] {
        app.clock.advance(SignedDuration::from_secs(1));
        let answer = steps_up(&ada.signed_in, json!({ "code": code })).await;
        let fresh = with_access(&app, &ada.signed_in, &answer.has_status(200).json()["access_token"]);
        assert_eq!(fresh.claims()["amr"], json!(["pwd", "otp", "mfa"]));
        assert_eq!(fresh.claims()["auth_time"], app.clock.now().as_second());
    }
    let proven = app.clock.now().as_second();
    app.clock.advance(SignedDuration::from_mins(25));
    let next = SignedIn::of(&app, &app.refreshes(&ada.signed_in.refresh).await);
    assert_eq!((&next.claims()["auth_time"], &next.claims()["amr"]), (&json!(proven), &json!(["pwd", "otp", "mfa"])));
}

#[tokio::test]
async fn a_code_that_was_used_to_enter_does_not_step_up() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    let code = ada.code(&app);
    enters(&app, "ada", &code).await.has_status(200);
    steps_up(&ada.signed_in, json!({ "code": code })).await.is(401, "wrong_code");
    app.clock.advance(STEP);
    steps_up(&ada.signed_in, json!({ "code": ada.code(&app) })).await.has_status(200);
}

#[tokio::test]
async fn whoever_has_a_token_does_not_guess_the_code() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    for _ in 0..3 {
        let wrong = wrong_code(&ada.secret, app.clock.now());
        steps_up(&ada.signed_in, json!({ "code": wrong })).await.is(401, "wrong_code");
    }
    for _ in 0..2 {
        enters(&app, "ada", "no code at all").await.is(401, "wrong_code");
    }
    steps_up(&ada.signed_in, json!({ "code": ada.code(&app) })).await.is(429, "too_many_attempts");
    enters(&app, "ada", &ada.code(&app)).await.is(429, "too_many_attempts");
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'code_refused'").await, 3);
}

#[tokio::test]
async fn of_twenty_with_one_code_one_steps_up() {
    let app = TestApp::with(&[("AUTH_HASH_PERMITS", "8")]).await;
    let ada = has_app(&app, "ada").await;
    let code = ada.code(&app);
    let answers = together((0..20).map(|_| steps_up(&ada.signed_in, json!({ "code": code })))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| [200, 401, 429].contains(&answer.status)), "{answers:?}");
}
