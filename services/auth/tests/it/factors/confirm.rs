//! POST /auth/mfa/totp/confirm.

use contracts::auth::{MfaEnabled, SecondFactor, SessionRevoked};
use jiff::SignedDuration;
use serde_json::json;

use super::{STEP, code, codes_of, confirms, enrols, enters, has_app, secret_of, turns_on, with_access, wrong_code};
use crate::passkeys::added_by;
use crate::passkeys::authenticator::Device;
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, together};

#[tokio::test]
async fn there_has_to_be_a_secret_of_the_last_ten_minutes() {
    let app = TestApp::start().await;
    app.nobody().post("/auth/mfa/totp/confirm", json!({ "code": "123456" })).await.is(401, "unauthenticated");
    let ada = app.signs_in("ada").await;
    confirms(&ada, "123456").await.is(409, "no_enrolment");
    let secret = secret_of(&enrols(&ada).await);
    app.clock.advance(SignedDuration::from_mins(10));
    confirms(&ada, &code(&secret, app.clock.now())).await.is(409, "no_enrolment");
    app.clock.advance(SignedDuration::from_secs(-1));
    confirms(&ada, &code(&secret, app.clock.now())).await.has_status(200);
}

#[tokio::test]
async fn a_wrong_code_changes_nothing() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let secret = secret_of(&enrols(&ada).await);
    let now = app.clock.now();
    let mark = app.mark().await;
    for wrong in [wrong_code(&secret, now), code(&secret, now + STEP * 2), code(&secret, now - STEP * 2), "x".into()] {
        confirms(&ada, &wrong).await.is(422, "invalid").names("/code", "wrong_code");
    }
    app.emitted_nothing_since(mark).await;
    assert_eq!(app.count("SELECT count(*) FROM recovery_codes").await, 0);
    app.logs_in("ada", PASSWORD).await.has_status(200);
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'code_refused'").await, 4);
    confirms(&ada, &code(&secret, now)).await.has_status(200);
}

/// Somebody else has a token of the session in which its owner added a passkey since.
#[tokio::test]
async fn a_secret_of_before_a_passkey_is_worth_nothing_after_it() {
    let app = TestApp::start().await;
    let thief = app.signs_in("ada").await;
    let code = code(&secret_of(&enrols(&thief).await), app.clock.now());
    let (_, added) = added_by(&thief.actor, &Device::honest()).await;
    let refused = confirms(&thief, &code).await;
    refused.is(401, "step_up_required");
    assert_eq!(refused.json()["methods"], json!(["passkey"]));
    assert_eq!(app.count("SELECT count(*) FROM totp_factors WHERE confirmed_at IS NOT NULL").await, 0);
    let ada = with_access(&app, &thief, &added["session"]["access_token"]);
    confirms(&ada, &code).await.has_status(200);
}

#[tokio::test]
async fn the_code_cannot_be_guessed() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let secret = secret_of(&enrols(&ada).await);
    for _ in 0..5 {
        confirms(&ada, &wrong_code(&secret, app.clock.now())).await.is(422, "invalid");
    }
    let locked = confirms(&ada, &code(&secret, app.clock.now())).await;
    locked.is(429, "too_many_attempts");
    assert_eq!(locked.header("retry-after"), Some("60"));
    app.clock.advance(SignedDuration::from_secs(60));
    confirms(&ada, &code(&secret, app.clock.now())).await.has_status(200);
}

#[tokio::test]
async fn the_other_sessions_end_and_this_one_goes_on_with_two_factors() {
    let app = TestApp::start().await;
    let elsewhere = app.signs_in("ada").await;
    let here = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    let bob = app.signs_in("bob").await;
    app.clock.advance(SignedDuration::from_mins(1));
    let ada = turns_on(&app, here).await;
    elsewhere.actor.get("/auth/me").await.is(401, "token_revoked");
    app.refreshes(&elsewhere.refresh).await.is(401, "refresh_invalid");
    assert_eq!(app.told::<SessionRevoked>().await, 1);
    bob.actor.get("/auth/me").await.has_status(200);
    let claims = ada.signed_in.claims();
    assert_eq!(claims["amr"], json!(["pwd", "otp", "mfa"]));
    assert_eq!(claims["sid"], ada.before.claims()["sid"]);
    assert_eq!(claims["auth_time"], (app.clock.now() - STEP).as_second());
    let next = SignedIn::of(&app, &app.refreshes(&ada.signed_in.refresh).await);
    assert_eq!((&next.claims()["amr"], &next.claims()["auth_time"]), (&claims["amr"], &claims["auth_time"]));
}

#[tokio::test]
async fn ten_recovery_codes_are_shown_once_and_kept_by_nobody() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    let mut codes = ada.codes.clone();
    assert!(codes.iter().all(|code| code.len() == 19 && code.matches('-').count() == 3), "{codes:?}");
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), 10);
    confirms(&ada.signed_in, &ada.code(&app)).await.is(409, "totp_enabled");
    let shown = ada.signed_in.actor.get("/auth/mfa").await;
    assert_eq!(shown.json(), json!({ "totp": true, "passkeys": 0, "recovery_codes": 10 }));
    for code in &codes {
        let (code, plain) = (code, code.replace('-', ""));
        let kept = format!(
            "DO $$ BEGIN IF EXISTS (SELECT 1 FROM recovery_codes r WHERE r::text LIKE '%{code}%'
                OR r::text LIKE '%{plain}%') THEN RAISE EXCEPTION 'it is there'; END IF; END $$"
        );
        app.execute(&kept).await;
    }
}

#[tokio::test]
async fn it_is_told_noted_and_mailed_without_a_secret() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    let told = app.emitted_of::<MfaEnabled>().await;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].user_id, told[0].method), (ada.id(), SecondFactor::Totp));
    assert_eq!(json!(told[0].sid), ada.signed_in.claims()["sid"]);
    let mail = app.mails("ada").await.pop().unwrap();
    assert_eq!((mail.template.as_str(), mail.user_id), ("mfa_enabled", Some(ada.id())));
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'mfa_enabled'").await, 1);
    let secrets: Vec<String> = ada.codes.iter().cloned().chain([ada.secret.clone()]).collect();
    app.kept_no_word_of(&secrets).await;
    assert!(!mail.params.values().any(|word| secrets.contains(word)), "{mail:?}");
}

#[tokio::test]
async fn the_code_that_turned_it_on_is_not_good_again() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    enters(&app, "ada", &ada.code_at(app.clock.now() - STEP)).await.is(401, "wrong_code");
    enters(&app, "ada", &ada.code(&app)).await.has_status(200);
}

#[tokio::test]
async fn of_twenty_at_once_one_turns_it_on() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let secret = secret_of(&enrols(&ada).await);
    let code = code(&secret, app.clock.now());
    let answers = together((0..20).map(|_| confirms(&ada, &code))).await;
    let done: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(done.len(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| [200, 409].contains(&answer.status)), "{answers:?}");
    assert_eq!(app.told::<MfaEnabled>().await, 1);
    let codes = codes_of(done[0]);
    let ada = with_access(&app, &ada, &done[0].json()["session"]["access_token"]);
    ada.actor.get("/auth/me").await.has_status(200);
    enters(&app, "ada", &codes[0]).await.has_status(200);
}
