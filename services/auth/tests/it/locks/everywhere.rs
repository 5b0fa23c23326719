//! Failures from everywhere: twenty within a quarter of an hour lock the name, but for devices that its account knows.

use auth::jobs::sweep;
use contracts::auth::{UserLocked, UserUnlocked};
use jiff::SignedDuration;
use serde_json::json;
use testkit::Answer;

use super::{QUIET, guesses, guesses_from_everywhere, heard, is_locked, knows};
use crate::support::{Deeds, PASSWORD, TestApp};

const QUARTER: SignedDuration = SignedDuration::from_mins(15);
const LOCKED: &str = "SELECT count(*) FROM users WHERE locked_until IS NOT NULL";

async fn warnings(app: &TestApp) -> usize {
    app.mails("ada").await.iter().filter(|mail| mail.template == "account_locked").count()
}

#[tokio::test]
async fn twenty_failures_lock_the_account_and_its_owner_is_told_once() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    guesses_from_everywhere(&app, "ada", 19, 0).await;
    assert_eq!((app.count(LOCKED).await, warnings(&app).await), (0, 0));
    guesses(&app, "ada", "198.51.100.1", 1).await;
    for _ in 0..3 {
        is_locked(&knows(&app, "ada", QUIET).await, 900);
    }
    assert_eq!((app.count(LOCKED).await, warnings(&app).await), (1, 1));
    assert_eq!(app.count("SELECT failed_login_attempts::bigint FROM users").await, 20);
    let told = app.emitted_of::<UserLocked>().await;
    assert_eq!((told.len(), told[0].until, told[0].cause.as_str()), (1, app.clock.now() + QUARTER, "failures"));
    let mail = app.mails("ada").await.pop().unwrap();
    assert_eq!(mail.params["until"], "2026-01-13 10:45 CET");
    assert_eq!(mail.user_id, Some(told[0].user_id));
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'locked'").await, 1);
}

#[tokio::test]
async fn who_does_not_exist_is_locked_in_the_same_words_and_nobody_is_told() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    for n in 0..24 {
        let from = format!("198.51.{n}.1");
        let [ada, eve] = ["ada", "eve"].map(|name| app.enters(name, "not her password"));
        let (ada, eve) = (ada.header("x-forwarded-for", &from).await, eve.header("x-forwarded-for", &from).await);
        assert_eq!(heard(&ada), heard(&eve), "{n}");
        assert_eq!(ada.status, if n < 20 { 401 } else { 429 });
    }
    is_locked(&knows(&app, "eve", QUIET).await, 900);
    assert_eq!((app.told::<UserLocked>().await, app.mails("eve").await.len()), (1, 0));
}

#[tokio::test]
async fn the_lock_ends_by_itself_and_that_is_told_once() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    guesses_from_everywhere(&app, "ada", 20, 0).await;
    app.clock.advance(QUARTER - SignedDuration::from_secs(1));
    is_locked(&knows(&app, "ada", QUIET).await, 1);
    sweep::once(app.db()).await.unwrap();
    assert_eq!((app.count(LOCKED).await, app.told::<UserUnlocked>().await), (1, 0));
    app.clock.advance(SignedDuration::from_secs(1));
    knows(&app, "ada", QUIET).await.has_status(200);
    for _ in 0..2 {
        sweep::once(app.db()).await.unwrap();
    }
    let told = app.emitted_of::<UserUnlocked>().await;
    assert_eq!((told.len(), told[0].cause.as_str(), app.count(LOCKED).await), (1, "expired", 0));
}

#[tokio::test]
async fn a_lock_of_a_clock_that_went_back_is_over() {
    let app = TestApp::start().await;
    app.clock.advance(SignedDuration::from_hours(30));
    app.has_account("ada").await;
    guesses_from_everywhere(&app, "ada", 20, 0).await;
    app.clock.advance(SignedDuration::from_hours(-29));
    knows(&app, "ada", QUIET).await.has_status(200);
    sweep::once(app.db()).await.unwrap();
    assert_eq!((app.count(LOCKED).await, app.told::<UserUnlocked>().await), (0, 1));
}

#[tokio::test]
async fn slower_failures_never_lock() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    for round in 0..3 {
        guesses_from_everywhere(&app, "ada", 19, round * 10).await;
        knows(&app, "ada", QUIET).await.has_status(200);
        app.clock.advance(QUARTER);
    }
    assert_eq!(app.told::<UserLocked>().await, 0);
}

#[tokio::test]
async fn any_quarter_of_an_hour_counts_and_not_only_those_of_the_clock() {
    let app = TestApp::start().await;
    guesses(&app, "eve", QUIET, 1).await;
    app.clock.advance(SignedDuration::from_mins(14));
    guesses_from_everywhere(&app, "eve", 18, 0).await;
    app.clock.advance(SignedDuration::from_mins(2));
    guesses_from_everywhere(&app, "eve", 2, 10).await;
    is_locked(&knows(&app, "eve", QUIET).await, 900);
}

#[tokio::test]
async fn a_success_does_not_forget_the_failures_of_others() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    guesses_from_everywhere(&app, "ada", 19, 0).await;
    for _ in 0..3 {
        knows(&app, "ada", QUIET).await.has_status(200);
    }
    guesses(&app, "ada", "198.51.100.1", 1).await;
    is_locked(&knows(&app, "ada", QUIET).await, 900);
}

/// Else whoever locks an address would learn which name is its.
#[tokio::test]
async fn an_address_and_the_name_of_its_account_are_locked_apart() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    guesses_from_everywhere(&app, "ada", 20, 0).await;
    let by_name = async |password: &str, from: String| -> Answer {
        let call = app.nobody().post("/auth/login", json!({ "username": "ada", "password": password }));
        call.header("x-forwarded-for", &from).await
    };
    by_name(PASSWORD, QUIET.into()).await.has_status(200);
    is_locked(&knows(&app, "ada", QUIET).await, 900);
    for n in 0..20 {
        by_name("not her password", format!("198.51.{n}.1")).await.is(401, "invalid_credentials");
    }
    is_locked(&by_name(PASSWORD, QUIET.into()).await, 900);
    assert_eq!((app.told::<UserLocked>().await, warnings(&app).await), (2, 1), "one mail while it is locked");
}
