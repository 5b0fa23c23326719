//! POST /auth/mfa/recovery-codes.

use contracts::auth::RecoveryCodesRenewed;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;
use testkit::Answer;

use super::{codes_of, enters, has_app, with_access};
use crate::support::{Deeds, SignedIn, TestApp, together};

async fn renews(who: &SignedIn) -> Answer {
    who.actor.call(Method::POST, "/auth/mfa/recovery-codes").await
}

#[tokio::test]
async fn who_has_no_second_factor_gets_none() {
    let app = TestApp::start().await;
    app.nobody().call(Method::POST, "/auth/mfa/recovery-codes").await.is(401, "unauthenticated");
    let ada = app.signs_in("ada").await;
    renews(&ada).await.is(409, "no_second_factor");
    assert_eq!(app.count("SELECT count(*) FROM recovery_codes").await, 0);
}

#[tokio::test]
async fn a_second_factor_is_asked_for_again() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    renews(&ada.before).await.is(401, "step_up_required");
    app.clock.advance(SignedDuration::from_mins(10));
    renews(&ada.signed_in).await.is(401, "step_up_required");
    let fresh = ada.signed_in.actor.post("/auth/step-up", json!({ "code": ada.codes[0] })).await;
    let fresh = with_access(&app, &ada.signed_in, &fresh.has_status(200).json()["access_token"]);
    assert_eq!(codes_of(&renews(&fresh).await).len(), 10);
}

#[tokio::test]
async fn the_old_ones_are_void_and_the_new_ones_work() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    enters(&app, "ada", &ada.codes[0]).await.has_status(200);
    let new = codes_of(&renews(&ada.signed_in).await);
    assert!(new.iter().all(|code| !ada.codes.contains(code)), "{new:?}");
    for old in &ada.codes[..2] {
        enters(&app, "ada", old).await.is(401, "wrong_code");
    }
    enters(&app, "ada", &new[0]).await.has_status(200);
    assert_eq!(app.count("SELECT count(*) FROM recovery_codes WHERE used_at IS NULL").await, 9);
}

#[tokio::test]
async fn it_is_told_noted_and_mailed_without_a_code() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    let codes = codes_of(&renews(&ada.signed_in).await);
    assert_eq!(app.told::<RecoveryCodesRenewed>().await, 1);
    let mail = app.mails("ada").await.pop().unwrap();
    assert_eq!(mail.template, "recovery_codes_renewed");
    assert!(!mail.params.values().any(|word| codes.contains(word)), "{mail:?}");
    app.kept_no_word_of(&codes).await;
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'recovery_codes_renewed'").await, 1);
}

#[tokio::test]
async fn whoever_renews_at_once_leaves_ten() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    let answers = together((0..5).map(|_| renews(&ada.signed_in))).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    assert_eq!(app.count("SELECT count(*) FROM recovery_codes").await, 10);
}
