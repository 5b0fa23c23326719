//! A device that the account knows enters while strangers lock it.

use auth::devices;
use db::Tx;
use jiff::SignedDuration;
use testkit::Answer;

use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, device_of};

const THERE: &str = "203.0.113.9";
const ELSEWHERE: &str = "198.51.100.7";

/// Somebody tries with what a browser shows.
async fn shows(app: &TestApp, device: &str, password: &str, from: &str) -> Answer {
    app.enters("ada", password).header("cookie", device).header("x-forwarded-for", from).await
}

/// Five guesses from one network.
async fn is_locked_there(app: &TestApp) {
    for _ in 0..5 {
        app.enters("ada", "not her password").header("x-forwarded-for", THERE).await.has_status(401);
    }
}

/// Twenty guesses from everywhere.
async fn is_locked_everywhere(app: &TestApp) {
    for n in 0..20 {
        let from = format!("192.0.{n}.1");
        app.enters("ada", "not her password").header("x-forwarded-for", &from).await.has_status(401);
    }
}

#[tokio::test]
async fn a_device_of_another_account_or_of_nobody_does_not_help() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    app.has_account("bob").await;
    let of_bob = device_of(&app.logs_in("bob", PASSWORD).await);
    is_locked_there(&app).await;
    for device in [of_bob.as_str(), &format!("__Host-device={}", "A".repeat(43)), "__Host-device=", "__Host-rt=x"] {
        shows(&app, device, PASSWORD, THERE).await.is(429, "too_many_attempts");
    }
    app.clock.advance(SignedDuration::from_mins(15));
    is_locked_everywhere(&app).await;
    shows(&app, &of_bob, PASSWORD, ELSEWHERE).await.is(429, "too_many_attempts");
}

#[tokio::test]
async fn its_owner_enters_by_it_from_the_network_of_those_who_guess() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let device = device_of(&app.logs_in("ada", PASSWORD).await);
    is_locked_there(&app).await;
    app.enters("ada", PASSWORD).header("x-forwarded-for", THERE).await.is(429, "too_many_attempts");
    shows(&app, &device, PASSWORD, THERE).await.has_status(200);
    app.enters("ada", PASSWORD).header("x-forwarded-for", THERE).await.is(429, "too_many_attempts");
}

#[tokio::test]
async fn its_owner_enters_by_it_from_anywhere_while_the_account_is_locked() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let device = device_of(&app.logs_in("ada", PASSWORD).await);
    is_locked_everywhere(&app).await;
    app.enters("ada", PASSWORD).header("x-forwarded-for", ELSEWHERE).await.is(429, "too_many_attempts");
    let ada = SignedIn::of(&app, &shows(&app, &device, PASSWORD, ELSEWHERE).await);
    ada.actor.get("/auth/me").await.has_status(200);
    app.enters("ada", PASSWORD).header("x-forwarded-for", ELSEWHERE).await.is(429, "too_many_attempts");
    assert_eq!(app.count("SELECT count(*) FROM users WHERE locked_until IS NOT NULL").await, 1);
}

#[tokio::test]
async fn guesses_by_it_lock_it_and_nobody_else() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let device = device_of(&app.logs_in("ada", PASSWORD).await);
    for n in 0..5 {
        shows(&app, &device, "not her password", &format!("192.0.{n}.1")).await.is(401, "invalid_credentials");
    }
    let refused = shows(&app, &device, PASSWORD, ELSEWHERE).await;
    refused.is(429, "too_many_attempts");
    assert_eq!(refused.header("retry-after"), Some("60"));
    app.enters("ada", PASSWORD).header("x-forwarded-for", ELSEWHERE).await.has_status(200);
    app.clock.advance(SignedDuration::from_mins(1));
    shows(&app, &device, PASSWORD, ELSEWHERE).await.has_status(200);
    let counted = "SELECT count(*) FROM login_failures WHERE origin LIKE 'device:%'";
    assert_eq!(app.count(counted).await, 0, "the success forgot them");
}

#[tokio::test]
async fn one_that_the_account_forgot_is_a_stranger() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let answer = app.logs_in("ada", PASSWORD).await;
    let (ada, device) = (SignedIn::of(&app, &answer).id, device_of(&answer));
    let forgotten = app.db().tx(async |tx: &mut Tx| devices::forget(tx, ada).await).await;
    assert_eq!(forgotten.unwrap(), 1);
    is_locked_there(&app).await;
    shows(&app, &device, PASSWORD, THERE).await.is(429, "too_many_attempts");
}

#[tokio::test]
async fn clients_without_cookies_do_not_drive_out_a_browser_that_came_back() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let device = device_of(&app.logs_in("ada", PASSWORD).await);
    app.clock.advance(SignedDuration::from_secs(1));
    shows(&app, &device, PASSWORD, THERE).await.has_status(200);
    for _ in 0..52 {
        app.clock.advance(SignedDuration::from_secs(1));
        app.logs_in("ada", PASSWORD).await.has_status(200);
    }
    assert_eq!(app.count("SELECT count(*) FROM known_devices").await, 50);
    assert_eq!(device_of(&shows(&app, &device, PASSWORD, THERE).await), device);
}
