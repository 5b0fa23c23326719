//! The token of a device in a cookie.

use jiff::SignedDuration;

use crate::support::{Deeds, PASSWORD, TestApp, device_of};

#[tokio::test]
async fn a_browser_keeps_the_token_safely_for_four_hundred_days() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let answer = app.logs_in("ada", PASSWORD).await;
    let device = device_of(&answer);
    let token = device.strip_prefix("__Host-device=").unwrap();
    assert_eq!(token.len(), 43);
    let expected = format!("{device}; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=34560000");
    assert_eq!(answer.header("set-cookie"), Some(expected.as_str()));
}

#[tokio::test]
async fn it_stays_the_same_however_often_it_is_shown() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let first = device_of(&app.logs_in("ada", PASSWORD).await);
    for _ in 0..3 {
        app.clock.advance(SignedDuration::from_hours(24));
        let again = app.enters("ada", PASSWORD).header("cookie", &format!("a=b; {first}")).await;
        assert_eq!(device_of(&again), first);
    }
    let seen = "SELECT count(*) FROM known_devices WHERE last_seen_at = created_at + interval '3 days'";
    assert_eq!((app.count("SELECT count(*) FROM known_devices").await, app.count(seen).await), (1, 1));
}

#[tokio::test]
async fn a_failed_login_gives_none() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    assert_eq!(app.logs_in("ada", "not her password").await.header("set-cookie"), None);
    assert_eq!(app.count("SELECT count(*) FROM known_devices").await, 0);
}

#[tokio::test]
async fn a_token_that_the_account_does_not_know_is_never_taken_over() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let of_bob = {
        app.has_account("bob").await;
        device_of(&app.logs_in("bob", PASSWORD).await)
    };
    for shown in [of_bob, format!("__Host-device={}", "A".repeat(43)), "__Host-device=x".into()] {
        let answer = app.enters("ada", PASSWORD).header("cookie", &shown).await;
        assert_ne!(device_of(&answer), shown);
    }
    assert_eq!(app.count("SELECT count(*) FROM known_devices").await, 4);
}

#[tokio::test]
async fn no_token_can_be_read_in_the_database() {
    use base64::Engine;
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let device = device_of(&app.logs_in("ada", PASSWORD).await);
    let token = device.strip_prefix("__Host-device=").unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).unwrap();
    let dumped = format!(
        "DO $$ BEGIN IF EXISTS (SELECT 1 FROM known_devices d WHERE d.token_hash = '\\x{}'::bytea
            OR d::text LIKE '%{token}%') THEN RAISE EXCEPTION 'it is there'; END IF; END $$",
        hex::encode(&bytes)
    );
    app.execute(&dumped).await;
}
