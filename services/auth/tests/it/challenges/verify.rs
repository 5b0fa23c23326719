//! POST /auth/mfa/verify, and the login before it.

use contracts::auth::{RecoveryCodeUsed, UserLocked, UserLoggedIn, UserLoginFailed};
use jiff::SignedDuration;
use serde_json::json;
use testkit::Answer;

use crate::factors::{STEP, challenged, code, confirms, enrols, enters, has_app, secret_of, shows, wrong_code};
use crate::passkeys::{challenged as asked_for_more, equipped};
use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, SignedIn, TestApp, device_of, together};

const OPEN: &str = "SELECT count(*) FROM sessions WHERE ended_at IS NULL";

#[tokio::test]
async fn a_right_password_is_not_enough_and_the_answer_says_what_is() {
    let app = TestApp::start().await;
    has_app(&app, "ada").await;
    let mark = app.mark().await;
    let asked = app.logs_in("ada", PASSWORD).await;
    asked.is(401, "mfa_required");
    let json = asked.json();
    assert_eq!((&json["expires_in"], &json["methods"]), (&json!(300), &json!(["totp", "recovery_code"])));
    assert_eq!(json["mfa_token"].as_str().unwrap().len(), 43);
    assert!(json["access_token"].is_null() && asked.header("set-cookie").is_none(), "{asked:?}");
    app.emitted_nothing_since(mark).await;
    assert_eq!(app.count(OPEN).await, 1);
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'mfa_asked'").await, 1);
    app.logs_in("ada", "not her password").await.is(401, "invalid_credentials");
}

#[tokio::test]
async fn the_code_opens_the_session_that_the_password_began() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    let body = json!({ "email": "ada@example.org", "password": PASSWORD, "device_name": "Portable" });
    let asked = app.nobody().post("/auth/login", body).await.json();
    let answer = shows(&app, asked["mfa_token"].as_str().unwrap(), &ada.code(&app)).await;
    let entered = SignedIn::of(&app, &answer);
    assert!(device_of(&answer).starts_with("__Host-device="));
    let claims = entered.claims();
    assert_eq!(claims["amr"], json!(["pwd", "otp", "mfa"]));
    assert_eq!(claims["auth_time"], app.clock.now().as_second());
    entered.actor.get("/auth/me").await.has_status(200);
    assert_eq!(app.count("SELECT count(*) FROM sessions WHERE device = 'Portable'").await, 1);
    assert_eq!(app.told::<UserLoggedIn>().await, 2);
    let next = SignedIn::of(&app, &app.refreshes(&entered.refresh).await);
    assert_eq!(next.claims()["amr"], claims["amr"]);
}

#[tokio::test]
async fn an_app_that_was_not_confirmed_is_no_second_factor() {
    let app = TestApp::start().await;
    let (ada, ..) = equipped(&app, "ada").await;
    let begun = enrols(&ada).await;
    let code = code(&secret_of(&begun), app.clock.now());
    let token = asked_for_more(&app, "ada").await.as_str().unwrap().to_owned();
    shows(&app, &token, &code).await.is(401, "wrong_code");
    confirms(&ada, &code).await.has_status(200);
}

#[tokio::test]
async fn a_challenge_is_good_once_and_for_five_minutes() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    let (used, late) = (challenged(&app, "ada").await, challenged(&app, "ada").await);
    shows(&app, &used, &ada.code(&app)).await.has_status(200);
    app.clock.advance(SignedDuration::from_secs(299));
    shows(&app, &used, &ada.code(&app)).await.is(401, "mfa_invalid");
    app.clock.advance(SignedDuration::from_secs(1));
    shows(&app, &late, &ada.code(&app)).await.is(401, "mfa_invalid");
    for unknown in ["", "x", &"A".repeat(43), "' OR 1=1 --"] {
        shows(&app, unknown, &ada.code(&app)).await.is(401, "mfa_invalid");
    }
    enters(&app, "ada", &ada.code(&app)).await.has_status(200);
}

#[tokio::test]
async fn a_code_is_not_good_again_while_it_is_shown() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    let code = ada.code(&app);
    enters(&app, "ada", &code).await.has_status(200);
    enters(&app, "ada", &code).await.is(401, "wrong_code");
    app.clock.advance(STEP);
    enters(&app, "ada", &code).await.is(401, "wrong_code");
    enters(&app, "ada", &ada.code(&app)).await.has_status(200);
}

#[tokio::test]
async fn a_clock_may_be_half_a_minute_off_and_no_more() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    app.clock.advance(SignedDuration::from_mins(5));
    for (steps, status) in [(-2, 401), (2, 401), (-1, 200), (0, 200), (1, 200)] {
        let code = ada.code_at(app.clock.now() + STEP * steps);
        assert_eq!(enters(&app, "ada", &code).await.status, status, "{steps}");
    }
}

#[tokio::test]
async fn a_challenge_is_for_its_own_account() {
    let app = TestApp::start().await;
    let (ada, bob) = (has_app(&app, "ada").await, has_app(&app, "bob").await);
    let token = challenged(&app, "ada").await;
    for theirs in [bob.code(&app), bob.codes[0].clone()] {
        shows(&app, &token, &theirs).await.is(401, "wrong_code");
    }
    assert_eq!(app.count("SELECT count(*) FROM recovery_codes WHERE used_at IS NOT NULL").await, 0);
    let entered = SignedIn::of(&app, &shows(&app, &token, &ada.code(&app)).await);
    assert_eq!(entered.id, ada.id());
    enters(&app, "bob", &bob.code(&app)).await.has_status(200);
}

#[tokio::test]
async fn a_challenge_has_five_tries_wherever_they_come_from() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    let token = challenged(&app, "ada").await;
    let wrong = wrong_code(&ada.secret, app.clock.now());
    for n in 0..5 {
        let from = format!("198.51.{n}.1");
        shows(&app, &token, &wrong).header("x-forwarded-for", &from).await.is(401, "wrong_code");
    }
    shows(&app, &token, &ada.code(&app)).await.is(401, "mfa_invalid");
    enters(&app, "ada", &ada.code(&app)).await.has_status(200);
}

#[tokio::test]
async fn a_new_challenge_brings_no_new_guesses() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    for secs in [60, 600] {
        for _ in 0..5 {
            let wrong = wrong_code(&ada.secret, app.clock.now());
            enters(&app, "ada", &wrong).await.is(401, "wrong_code");
        }
        for _ in 0..3 {
            let refused = enters(&app, "ada", &ada.code(&app)).await;
            refused.is(429, "too_many_attempts");
            assert_eq!(refused.header("retry-after"), Some(secs.to_string().as_str()));
        }
        app.clock.advance(SignedDuration::from_secs(secs));
    }
    enters(&app, "ada", &ada.code(&app)).await.has_status(200);
    assert_eq!(app.count("SELECT count(*) FROM login_failures WHERE origin <> 'everywhere'").await, 0);
}

#[tokio::test]
async fn guesses_from_everywhere_are_refused_but_the_owners_browser_is_not() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    let device = device_of(&enters(&app, "ada", &ada.code(&app)).await);
    app.clock.advance(STEP);
    for n in 0..20 {
        let token = challenged(&app, "ada").await;
        let wrong = wrong_code(&ada.secret, app.clock.now());
        let guess = shows(&app, &token, &wrong).header("x-forwarded-for", &format!("198.51.{n}.1"));
        guess.await.is(401, "wrong_code");
    }
    let token = challenged(&app, "ada").await;
    let stranger = shows(&app, &token, &ada.code(&app)).header("x-forwarded-for", "192.0.2.1");
    stranger.await.is(429, "too_many_attempts");
    assert_eq!(app.told::<UserLocked>().await, 1);
    assert_eq!(app.mails("ada").await.pop().unwrap().template, "account_locked");
    let owner = shows(&app, &token, &ada.code(&app)).header("x-forwarded-for", "192.0.2.1").header("cookie", &device);
    owner.await.has_status(200);
}

/// However slowly they come, and from wherever.
#[tokio::test]
async fn a_hundred_guesses_are_the_most_until_one_is_right_and_the_owners_browser_waits_for_none() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    let device = device_of(&enters(&app, "ada", &ada.code(&app)).await);
    let (mut network, mut wait) = (0, STEP);
    for (guesses, secs) in [(20, 900), (20, 900), (10, 3_600), (20, 900), (20, 900), (10, 86_400)] {
        app.clock.advance(wait);
        for _ in 0..guesses / 5 {
            let token = challenged(&app, "ada").await;
            for _ in 0..5 {
                let wrong = wrong_code(&ada.secret, app.clock.now());
                let guess = shows(&app, &token, &wrong).header("x-forwarded-for", &format!("198.51.{network}.1"));
                guess.await.is(401, "wrong_code");
                network += 1;
            }
        }
        let refused = enters_from(&app, "192.0.2.1", &ada.code(&app)).await;
        refused.is(429, "too_many_attempts");
        assert_eq!(refused.header("retry-after"), Some(secs.to_string().as_str()));
        wait = SignedDuration::from_secs(secs);
    }
    let owner = shows(&app, &challenged(&app, "ada").await, &ada.code(&app)).header("cookie", &device);
    owner.await.has_status(200);
    app.clock.advance(wait);
    enters_from(&app, "192.0.2.1", &ada.code(&app)).await.has_status(200);
    assert_eq!(app.count("SELECT count(*) FROM login_failures WHERE origin = 'account'").await, 0);
}

/// Somebody who knows the password shows a code from an address.
async fn enters_from(app: &TestApp, address: &str, code: &str) -> Answer {
    shows(app, &challenged(app, "ada").await, code).header("x-forwarded-for", address).await
}

#[tokio::test]
async fn of_twenty_with_one_code_one_enters() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    for (code, open) in [(ada.code(&app), 2), (ada.codes[0].clone(), 3)] {
        let token = challenged(&app, "ada").await;
        let answers = together((0..20).map(|_| async { shows(&app, &token, &code).await })).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
        assert!(answers.iter().all(|answer| [200, 401].contains(&answer.status)), "{answers:?}");
        assert_eq!(app.count(OPEN).await, open);
    }
    assert_eq!(app.told::<RecoveryCodeUsed>().await, 1);
}

#[tokio::test]
async fn one_code_for_several_challenges_enters_once() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    for (code, open) in [(ada.code(&app), 2), (ada.codes[0].clone(), 3)] {
        let mut tokens = Vec::new();
        for _ in 0..4 {
            tokens.push(challenged(&app, "ada").await);
        }
        let answers = together(tokens.iter().map(|token| async { shows(&app, token, &code).await })).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
        assert_eq!(app.count(OPEN).await, open);
        app.clock.advance(SignedDuration::from_mins(1));
    }
}

#[tokio::test]
async fn a_recovery_code_is_good_once_and_its_owner_is_told_how_many_are_left() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    for (nth, spelt) in [ada.codes[0].to_lowercase(), ada.codes[1].replace('-', " ")].iter().enumerate() {
        let answer = enters(&app, "ada", spelt).await;
        assert_eq!(SignedIn::of(&app, &answer).claims()["amr"], json!(["pwd", "otp", "mfa"]));
        let mail = app.mails("ada").await.pop().unwrap();
        let left = if nth == 0 { "9" } else { "8" };
        assert_eq!((mail.template.as_str(), mail.params["left"].as_str()), ("recovery_code_used", left));
    }
    enters(&app, "ada", &ada.codes[0]).await.is(401, "wrong_code");
    let told = app.emitted_of::<RecoveryCodeUsed>().await;
    assert_eq!(told.iter().map(|used| used.left).collect::<Vec<_>>(), [9, 8]);
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'recovery_code_used'").await, 2);
    app.kept_no_word_of(&ada.codes).await;
}

#[tokio::test]
async fn another_password_voids_what_the_old_one_began() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    let token = challenged(&app, "ada").await;
    app.changes_password(&ada.signed_in, PASSWORD, NEW_PASSWORD).await.has_status(204);
    shows(&app, &token, &ada.code(&app)).await.is(401, "mfa_invalid");
    let asked = app.logs_in("ada", NEW_PASSWORD).await;
    asked.is(401, "mfa_required");
    let token = asked.json()["mfa_token"].as_str().unwrap().to_owned();
    app.execute("UPDATE users SET is_active = false").await;
    shows(&app, &token, &ada.code(&app)).await.is(401, "mfa_invalid");
}

#[tokio::test]
async fn a_password_that_was_set_anew_does_not_turn_it_off() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    app.forgets("ada").await.has_status(202);
    let token = app.secrets("reset_password", "ada").await.pop().unwrap();
    app.resets(&token, NEW_PASSWORD).await.has_status(204);
    let asked = app.logs_in("ada", NEW_PASSWORD).await;
    asked.is(401, "mfa_required");
    let answer = shows(&app, asked.json()["mfa_token"].as_str().unwrap(), &ada.code(&app)).await;
    SignedIn::of(&app, &answer).actor.get("/auth/me").await.has_status(200);
}

#[tokio::test]
async fn a_wrong_code_is_told_and_noted_without_naming_anybody() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    app.logs_in("ada", "not her password").await.has_status(401);
    enters(&app, "ada", &wrong_code(&ada.secret, app.clock.now())).await.is(401, "wrong_code");
    let told = app.emitted_of::<UserLoginFailed>().await;
    let reasons: Vec<&str> = told.iter().map(|failed| failed.reason.as_str()).collect();
    assert_eq!(reasons, ["wrong_credentials", "wrong_code"]);
    assert_eq!(told[0].identifier_hmac, told[1].identifier_hmac);
    let noted = "SELECT count(*) FROM security_events WHERE kind = 'login_failed' AND reason = 'wrong_code'";
    assert_eq!(app.count(noted).await, 1);
    let named = "SELECT count(*) FROM mfa_challenges c WHERE c::text LIKE '%@%' OR c::text LIKE '%127.0.0.1%'";
    assert_eq!(app.count(named).await, 0);
}

#[tokio::test]
async fn so_many_a_minute_are_tried_and_no_more() {
    let app = TestApp::with(&[("LIMIT_LOGIN", "2/min")]).await;
    let ada = has_app(&app, "ada").await;
    let token = challenged(&app, "ada").await;
    app.clock.advance(SignedDuration::from_secs(60));
    let wrong = wrong_code(&ada.secret, app.clock.now());
    for _ in 0..2 {
        shows(&app, &token, &wrong).await.is(401, "wrong_code");
    }
    shows(&app, &token, &ada.code(&app)).await.is(429, "quota_exceeded");
    // Of IPv6 a subscriber has a whole network.
    let from = |ip: &'static str| shows(&app, &token, &wrong).header("x-forwarded-for", ip);
    from("2001:db8:1:2::1").await.is(401, "wrong_code");
    from("2001:db8:1:2::2").await.is(401, "wrong_code");
    from("2001:db8:1:2:ffff::3").await.is(429, "quota_exceeded");
}

#[tokio::test]
async fn a_body_of_another_form_is_refused() {
    let app = TestApp::start().await;
    for body in [json!({}), json!({ "mfa_token": "x" }), json!({ "mfa_token": "x", "code": "1", "more": 1 })] {
        app.nobody().post("/auth/mfa/verify", body).await.has_status(422);
    }
    let long = json!({ "mfa_token": "x", "code": "1".repeat(41) });
    app.nobody().post("/auth/mfa/verify", long).await.is(422, "invalid").names("/code", "too_long");
}
