//! GET /auth/security-events.

use jiff::SignedDuration;
use serde_json::Value;

use crate::support::{Deeds, PASSWORD, SignedIn, TestApp};

/// The kinds of all that happened to the account, the latest first.
async fn kinds(ada: &SignedIn) -> Vec<String> {
    let list = ada.actor.get("/auth/security-events?limit=100").await.has_status(200).json();
    list["items"].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn only_who_is_signed_in_sees_it_and_a_place_is_for_one_list() {
    let app = TestApp::start().await;
    app.nobody().get("/auth/security-events").await.is(401, "unauthenticated");
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    let page = ada.actor.get("/auth/security-events?limit=1").await.json();
    let path = format!("/auth/security-events?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    ada.actor.get(&path).await.has_status(200);
    bob.actor.get(&path).await.is(400, "bad_cursor");
    ada.actor.get("/auth/security-events?cursor=made.up").await.is(400, "bad_cursor");
    ada.actor.get("/auth/security-events?limit=101").await.is(422, "invalid");
}

#[tokio::test]
async fn an_owner_sees_the_own_events_alone_the_latest_first() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    app.clock.advance(SignedDuration::from_mins(1));
    let ada = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    app.signs_in("bob").await;
    app.logs_in("bob", "not his password").await.has_status(401);
    app.logs_in("eve", "not her password").await.has_status(401);
    app.clock.advance(SignedDuration::from_mins(1));
    let guess = app.enters("ada", "not her password").header("user-agent", "curl/8.14.1");
    guess.header("x-forwarded-for", "203.0.113.9").await.has_status(401);
    assert_eq!(kinds(&ada).await, ["login_failed", "logged_in", "email_verified"]);
    let list = ada.actor.get("/auth/security-events").await.json();
    assert_eq!(list["items"][1]["session_id"], ada.claims()["sid"]);
    let mut latest = list["items"][0].clone();
    latest["id"] = Value::Null;
    insta::assert_json_snapshot!(latest, @r#"
    {
      "created_at": "2026-01-13T09:32:00Z",
      "device": "curl",
      "id": null,
      "ip_prefix": "203.0.113.0/24",
      "kind": "login_failed",
      "reason": "wrong_credentials",
      "session_id": null
    }
    "#);
}

#[tokio::test]
async fn a_lock_is_among_them() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.clock.advance(SignedDuration::from_mins(1));
    for n in 0..20 {
        let guess = app.enters("ada", "not her password").header("x-forwarded-for", &format!("198.51.{n}.1"));
        guess.await.has_status(401);
    }
    assert!(kinds(&ada).await.contains(&"locked".to_owned()));
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    for n in 0..3 {
        // Two in one moment, so that the id has to decide.
        app.clock.advance(SignedDuration::from_millis(n % 2));
        app.logs_in("ada", "not her password").await.has_status(401);
    }
    let (mut seen, mut path) = (Vec::new(), "/auth/security-events?limit=2".to_owned());
    loop {
        let page = ada.actor.get(&path).await.has_status(200).json();
        let items = page["items"].as_array().unwrap();
        assert!((1..=2).contains(&items.len()), "{page}");
        seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/auth/security-events?limit=2&cursor={cursor}");
    }
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    assert_eq!((seen.len(), once.len()), (5, 5), "{seen:?}");
}
