//! GET /users/me.

use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{TestApp, told};

#[tokio::test]
async fn the_first_call_makes_an_empty_profile_and_tells_it() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let answer = ada.get("/users/me").await;
    answer.has_status(200);
    assert_eq!(answer.header("etag"), Some("\"1\""));
    insta::assert_json_snapshot!(answer.snapshot(), @r#"
    {
      "avatar_media_id": null,
      "bio": null,
      "created_at": "2026-01-13T09:30:00Z",
      "full_name": null,
      "id": "[id 1]",
      "preferences": {
        "day_start_hour": 0,
        "language": "fr",
        "notifications": {
          "email": true,
          "push": true,
          "ws": true
        },
        "timezone": "Europe/Paris"
      },
      "profile_picture_url": null,
      "timezone_changed_at": null,
      "updated_at": "2026-01-13T09:30:00Z",
      "user_id": "[id 1]",
      "username": null,
      "version": 1
    }
    "#);
    let told = told(&app).await;
    assert_eq!((told.len(), told[0].user_id, told[0].version), (1, ada.id, 1));
}

#[tokio::test]
async fn later_calls_only_read() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let first = ada.get("/users/me").await.json();
    let mark = app.mark().await;
    assert_eq!(ada.get("/users/me").await.json(), first);
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn twenty_first_calls_at_once_make_one_profile() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let calls: JoinSet<_> = (0..20).map(|_| ada.get("/users/me").into_future()).collect();
    for answer in calls.join_all().await {
        // Whoever finds the pool used up is told so.
        assert!(answer.status == 503 || answer.has_status(200).json()["version"] == 1, "{answer:?}");
    }
    assert_eq!(told(&app).await.len(), 1);
}

#[tokio::test]
async fn nobody_elses_profile_is_ones_own() {
    let (_app, ada, bob) = TestApp::with_two_users().await;
    ada.patch("/users/me", json!({ "full_name": "Ada" })).await.has_status(200);
    let his = bob.get("/users/me").await.json();
    assert_eq!((his["full_name"].as_str(), his["id"].as_str()), (None, Some(bob.id.to_string().as_str())));
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let (_app, ada, _) = TestApp::with_two_users().await;
    ada.get("/users/me").await.has_status(200);
    ada.get("/users/me").header("if-none-match", "\"1\"").await.has_status(304);
}

#[tokio::test]
async fn another_method_is_refused_with_those_that_work() {
    let (_app, ada, _) = TestApp::with_two_users().await;
    let answer = ada.post("/users/me", json!({})).await;
    answer.is(405, "method_not_allowed");
    let allow = answer.header("allow").unwrap();
    assert!(["GET", "PUT", "PATCH"].iter().all(|method| allow.contains(method)), "{allow}");
}
