//! POST /auth/mfa/totp.

use jiff::SignedDuration;
use serde_json::json;
use totp_rs::{Secret, Totp};

use super::{code, confirms, enrols, has_app, secret_of};
use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, SignedIn, TestApp};

#[tokio::test]
async fn who_only_has_a_token_does_not_turn_it_on() {
    let app = TestApp::start().await;
    app.nobody().post("/auth/mfa/totp", json!({})).await.is(401, "unauthenticated");
    let ada = app.signs_in("ada").await;
    app.clock.advance(SignedDuration::from_mins(10));
    let refused = enrols(&ada).await;
    refused.is(401, "step_up_required");
    assert_eq!(refused.json()["methods"], json!(["password"]));
    let given = |password: &'static str| ada.actor.post("/auth/mfa/totp", json!({ "password": password }));
    given(NEW_PASSWORD).await.is(401, "invalid_credentials");
    assert_eq!(app.count("SELECT count(*) FROM totp_factors").await, 0);
    given(PASSWORD).await.has_status(201);
    ada.actor.post("/auth/mfa/totp", json!({ "secret": "mine" })).await.has_status(422);
}

#[tokio::test]
async fn what_was_not_confirmed_changes_nothing() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let mark = app.mark().await;
    enrols(&ada).await.has_status(201);
    app.emitted_nothing_since(mark).await;
    let shown = ada.actor.get("/auth/mfa").await;
    assert_eq!(shown.json(), json!({ "totp": false, "passkeys": 0, "recovery_codes": 0 }));
    let again = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    assert_eq!(again.claims()["amr"], json!(["pwd"]));
    ada.actor.get("/auth/me").await.has_status(200);
}

#[tokio::test]
async fn the_newest_alone_counts() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let older = secret_of(&enrols(&ada).await);
    let newer = secret_of(&enrols(&ada).await);
    assert_ne!(older, newer);
    confirms(&ada, &code(&older, app.clock.now())).await.is(422, "invalid");
    confirms(&ada, &code(&newer, app.clock.now())).await.has_status(200);
}

#[tokio::test]
async fn one_that_is_on_is_not_replaced() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    enrols(&ada.signed_in).await.is(409, "totp_enabled");
    enrols(&ada.before).await.is(401, "step_up_required");
    assert_eq!(app.count("SELECT count(*) FROM totp_factors").await, 1);
}

#[tokio::test]
async fn the_answer_is_what_an_app_needs_and_is_kept_by_nobody() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let answer = enrols(&ada).await;
    let secret = secret_of(&answer);
    assert_eq!(answer.header("location"), Some("/api/v1/auth/mfa"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let json = answer.json();
    assert_eq!(json["expires_in"], 600);
    let picture = Totp::from_url(json["otpauth_uri"].as_str().unwrap()).unwrap();
    assert_eq!(picture.secret().to_base32(), secret);
    assert_eq!((picture.digits(), picture.step(), picture.issuer()), (6, 30, Some("Jolmood")));
    let bytes = Secret::try_from_base32(&secret).unwrap();
    assert_eq!(bytes.as_bytes().len(), 20);
    let kept = format!(
        "DO $$ BEGIN IF EXISTS (SELECT 1 FROM totp_factors f WHERE position('\\x{}'::bytea in f.sealed_secret) > 0
            OR f::text LIKE '%{secret}%') THEN RAISE EXCEPTION 'it is there'; END IF; END $$",
        hex::encode(bytes.as_bytes())
    );
    app.execute(&kept).await;
}

#[tokio::test]
async fn a_secret_that_was_moved_to_another_account_opens_nothing() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    let secret = secret_of(&enrols(&ada).await);
    enrols(&bob).await.has_status(201);
    let moved = format!(
        "UPDATE totp_factors SET sealed_secret = (SELECT sealed_secret FROM totp_factors WHERE user_id = '{}')
            WHERE user_id = '{}'",
        ada.id, bob.id
    );
    app.execute(&moved).await;
    confirms(&bob, &code(&secret, app.clock.now())).await.is(500, "internal");
}
