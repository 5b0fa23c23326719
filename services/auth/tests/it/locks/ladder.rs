//! Failures from one network: five lock for a minute, five more for longer.

use jiff::SignedDuration;

use super::{QUIET, guesses, heard, is_locked, knows};
use crate::support::{Deeds, PASSWORD, TestApp, together};

const THERE: &str = "203.0.113.9";

#[tokio::test]
async fn after_five_failures_not_even_the_right_password_is_looked_at() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    guesses(&app, "ada", THERE, 5).await;
    for _ in 0..3 {
        is_locked(&knows(&app, "ada", THERE).await, 60);
    }
    assert_eq!(app.count("SELECT count(*) FROM sessions").await, 0);
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'login_failed'").await, 5);
    knows(&app, "ada", QUIET).await.has_status(200);
}

#[tokio::test]
async fn each_rung_locks_longer_and_every_lock_ends_by_itself() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    for secs in [60, 600, 900, 3_600, 86_400] {
        guesses(&app, "ada", THERE, 5).await;
        is_locked(&knows(&app, "ada", THERE).await, secs);
        app.clock.advance(SignedDuration::from_secs(i64::from(secs) - 1));
        is_locked(&knows(&app, "ada", THERE).await, 1);
        app.clock.advance(SignedDuration::from_secs(1));
    }
    guesses(&app, "ada", THERE, 4).await;
    knows(&app, "ada", THERE).await.has_status(200);
}

#[tokio::test]
async fn a_part_of_a_second_is_a_second_to_wait() {
    let app = TestApp::start().await;
    guesses(&app, "eve", THERE, 5).await;
    app.clock.advance(SignedDuration::from_millis(59_001));
    is_locked(&knows(&app, "eve", THERE).await, 1);
    app.clock.advance(SignedDuration::from_millis(-58_002));
    is_locked(&knows(&app, "eve", THERE).await, 60);
}

#[tokio::test]
async fn failures_are_forgotten_a_day_after_the_last() {
    let app = TestApp::start().await;
    for (name, hours, locked) in [("ada", 23, true), ("bob", 24, false)] {
        app.has_account(name).await;
        guesses(&app, name, THERE, 4).await;
        app.clock.advance(SignedDuration::from_hours(hours));
        guesses(&app, name, THERE, 1).await;
        let answer = knows(&app, name, THERE).await;
        if locked {
            is_locked(&answer, 60);
        } else {
            answer.has_status(200);
        }
    }
}

#[tokio::test]
async fn a_success_forgets_the_failures_before_it() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    for _ in 0..3 {
        guesses(&app, "ada", THERE, 4).await;
        knows(&app, "ada", THERE).await.has_status(200);
    }
    assert_eq!(app.count("SELECT count(*) FROM login_failures WHERE origin <> 'everywhere'").await, 0);
    assert_eq!(app.count("SELECT failed_login_attempts::bigint FROM users").await, 0);
}

#[tokio::test]
async fn a_right_password_is_no_failure_even_where_it_opens_nothing() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    app.execute("UPDATE users SET is_active = false").await;
    for _ in 0..7 {
        knows(&app, "ada", THERE).await.is(403, "account_disabled");
    }
    assert_eq!(app.count("SELECT failed_login_attempts::bigint FROM users").await, 0);
}

#[tokio::test]
async fn who_does_not_exist_is_locked_in_the_same_words() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    for secs in [60, 600] {
        for _ in 0..7 {
            let [ada, eve] = ["ada", "eve"].map(|name| app.enters(name, "not her password"));
            let (ada, eve) = (ada.header("x-forwarded-for", THERE).await, eve.header("x-forwarded-for", THERE).await);
            assert_eq!(heard(&ada), heard(&eve));
        }
        let (ada, eve) = (knows(&app, "ada", THERE).await, knows(&app, "eve", THERE).await);
        is_locked(&ada, secs);
        assert_eq!(heard(&ada), heard(&eve));
        app.clock.advance(SignedDuration::from_secs(i64::from(secs)));
    }
    let named = "SELECT count(*) FROM login_failures f WHERE f::text LIKE '%@%' OR f::text LIKE '%203.0.113.9%'";
    assert_eq!(app.count(named).await, 0);
}

#[tokio::test]
async fn all_addresses_of_a_network_are_one() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    for n in 1..=5 {
        guesses(&app, "ada", &format!("203.0.113.{n}"), 1).await;
        guesses(&app, "ada", &format!("2001:db8:aaaa:{n}::{n}"), 1).await;
    }
    for from in ["203.0.113.77", "::ffff:203.0.113.78", "2001:db8:aaaa:ffff::1"] {
        is_locked(&knows(&app, "ada", from).await, 60);
    }
    for from in ["203.0.112.77", "2001:db8:aaab:1::1"] {
        knows(&app, "ada", from).await.has_status(200);
    }
}

#[tokio::test]
async fn others_from_that_network_enter() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    app.has_account("bob").await;
    guesses(&app, "ada", THERE, 5).await;
    knows(&app, "bob", THERE).await.has_status(200);
    is_locked(&knows(&app, "ada", THERE).await, 60);
}

/// The clock goes back so many hours, and the quota of logins has had the minute that it may take to notice.
async fn goes_back(app: &TestApp, hours: i64) {
    app.clock.advance(SignedDuration::from_hours(-hours));
    app.enters("ada", PASSWORD).header("x-forwarded-for", THERE).await.is(429, "quota_exceeded");
    app.clock.advance(SignedDuration::from_secs(60));
}

#[tokio::test]
async fn a_clock_that_goes_back_keeps_nobody_out() {
    let app = TestApp::start().await;
    app.clock.advance(SignedDuration::from_hours(30));
    app.has_account("ada").await;
    guesses(&app, "ada", THERE, 5).await;
    goes_back(&app, 1).await;
    guesses(&app, "ada", THERE, 5).await;
    is_locked(&knows(&app, "ada", THERE).await, 600);
    goes_back(&app, 25).await;
    guesses(&app, "ada", THERE, 4).await;
    knows(&app, "ada", THERE).await.has_status(200);
}

#[tokio::test]
async fn of_fifty_guesses_at_once_no_more_than_five_are_looked_at() {
    let app = TestApp::with(&[("AUTH_HASH_PERMITS", "8")]).await;
    app.has_account("ada").await;
    let calls = (0..50).map(|n| {
        let call = app.enters("ada", "not her password").header("x-forwarded-for", &format!("203.0.113.{n}"));
        async move { call.await.status }
    });
    let statuses = together(calls).await;
    let looked_at = statuses.iter().filter(|status| **status == 401).count();
    assert!((1..=5).contains(&looked_at), "{statuses:?}");
    assert!(statuses.iter().all(|status| [401, 429, 503].contains(status)), "{statuses:?}");
    let noted = app.count("SELECT count(*) FROM security_events WHERE kind = 'login_failed'").await;
    assert_eq!(usize::try_from(noted), Ok(looked_at));
    app.enters("ada", PASSWORD).header("x-forwarded-for", THERE).await.has_status(429);
}
