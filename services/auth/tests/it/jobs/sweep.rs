//! What is over is deleted, long after.

use auth::jobs::sweep;
use jiff::SignedDuration;

use crate::factors::{challenged, enrols, enters, has_app};
use crate::subscriptions::{BEGIN, Payments, subscription};
use crate::support::{Deeds, TestApp};

const ALL: &str = "SELECT (SELECT count(*) FROM email_tokens) + (SELECT count(*) FROM sessions)
    + (SELECT count(*) FROM refresh_tokens) + (SELECT count(*) FROM revocations)";

#[tokio::test]
async fn failures_that_count_no_more_and_devices_that_stay_away_are_forgotten() {
    let app = TestApp::start().await;
    app.signs_in("ada").await;
    app.logs_in("ada", "not her password").await.has_status(401);
    let (failures, devices) = ("SELECT count(*) FROM login_failures", "SELECT count(*) FROM known_devices");
    app.clock.advance(SignedDuration::from_hours(2 * 24));
    sweep::once(app.db()).await.unwrap();
    assert_eq!((app.count(failures).await, app.count(devices).await), (2, 1));
    app.clock.advance(SignedDuration::from_secs(1));
    sweep::once(app.db()).await.unwrap();
    assert_eq!((app.count(failures).await, app.count(devices).await), (0, 1));
    app.clock.advance(SignedDuration::from_hours(398 * 24));
    sweep::once(app.db()).await.unwrap();
    assert_eq!(app.count(devices).await, 0);
}

#[tokio::test]
async fn what_a_browser_was_asked_is_forgotten_half_an_hour_after_it_was_too_late() {
    let app = TestApp::start().await;
    app.nobody().call(reqwest::Method::POST, "/auth/passkeys/login/options").await.has_status(200);
    let asked = "SELECT count(*) FROM passkey_ceremonies";
    app.clock.advance(SignedDuration::from_mins(30 + 5));
    sweep::once(app.db()).await.unwrap();
    assert_eq!(app.count(asked).await, 1);
    app.clock.advance(SignedDuration::from_secs(1));
    sweep::once(app.db()).await.unwrap();
    assert_eq!(app.count(asked).await, 0);
}

#[tokio::test]
async fn who_came_back_from_a_provider_is_forgotten_a_day_after_he_could_not_come_again() {
    let app = TestApp::start().await;
    let until = app.clock.now();
    app.execute(&format!("INSERT INTO provider_returns (state_hash, expires_at) VALUES ('x', '{until}')")).await;
    let returns = "SELECT count(*) FROM provider_returns";
    app.clock.advance(SignedDuration::from_hours(24));
    sweep::once(app.db()).await.unwrap();
    assert_eq!(app.count(returns).await, 1);
    app.clock.advance(SignedDuration::from_secs(1));
    sweep::once(app.db()).await.unwrap();
    assert_eq!(app.count(returns).await, 0);
}

#[tokio::test]
async fn what_is_over_for_five_weeks_is_deleted_and_nothing_else() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    ada.actor.call(reqwest::Method::POST, "/auth/logout").await.has_status(204);
    assert_eq!(app.count(ALL).await, 4);
    app.clock.advance(SignedDuration::from_hours(34 * 24));
    sweep::once(app.db()).await.unwrap();
    assert_eq!(app.count(ALL).await, 4);
    app.clock.advance(SignedDuration::from_hours(35 * 24));
    sweep::once(app.db()).await.unwrap();
    assert_eq!(app.count(ALL).await, 0);
    assert_eq!(app.count("SELECT count(*) FROM security_events").await, 3);
    app.clock.advance(SignedDuration::from_hours(60 * 24));
    sweep::once(app.db()).await.unwrap();
    assert_eq!(app.count("SELECT count(*) FROM security_events").await, 0);
    assert_eq!(app.count("SELECT count(*) FROM users").await, 1);
}

#[tokio::test]
async fn challenges_and_apps_that_were_never_confirmed_are_deleted_and_those_that_are_on_stay() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    challenged(&app, "ada").await;
    enrols(&app.signs_in("bob").await).await.has_status(201);
    let left = "SELECT (SELECT count(*) FROM mfa_challenges) * 10 + (SELECT count(*) FROM totp_factors)";
    app.clock.advance(SignedDuration::from_hours(35 * 24));
    sweep::once(app.db()).await.unwrap();
    assert_eq!(app.count(left).await, 12);
    app.clock.advance(SignedDuration::from_hours(1));
    sweep::once(app.db()).await.unwrap();
    assert_eq!(app.count(left).await, 1);
    enters(&app, "ada", &ada.code(&app)).await.has_status(200);
}

#[tokio::test]
async fn subscriptions_that_are_over_and_customers_of_nobody_are_forgotten_in_time() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.pays(ada.id, "ada", BEGIN).await;
    app.hears(&subscription("deleted", "ada", BEGIN + 1, "canceled")).await;
    app.hears(&subscription("created", "eve", BEGIN, "active")).await;
    let (events, subscriptions) = ("SELECT count(*) FROM stripe_events", "SELECT count(*) FROM user_subscriptions");
    let swept = async |days: i64| {
        app.clock.advance(SignedDuration::from_hours(days * 24));
        sweep::once(app.db()).await.unwrap();
        (app.count(events).await, app.count(subscriptions).await)
    };
    assert_eq!(swept(35).await, (4, 1));
    assert_eq!(swept(1).await, (3, 1));
    assert_eq!(swept(364).await, (3, 1));
    assert_eq!(swept(1).await, (0, 0));
    assert_eq!(app.count("SELECT count(*) FROM users").await, 1);
}
