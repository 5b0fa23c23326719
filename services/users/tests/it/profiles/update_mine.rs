//! PATCH /users/me.

use serde_json::json;
use tokio::task::JoinSet;

use crate::support::TestApp;

#[tokio::test]
async fn left_out_null_and_a_value_are_three_things() {
    let (_app, ada, _) = TestApp::with_two_users().await;
    let body = json!({ "full_name": "Ada", "bio": "Machines", "profile_picture_url": "https://example.org/a.png" });
    ada.put("/users/me", body).await.has_status(200);
    let patched = ada.patch("/users/me", json!({ "bio": null, "full_name": "Augusta" })).await.has_status(200).json();
    assert_eq!(patched["bio"], json!(null));
    assert_eq!(patched["full_name"], "Augusta");
    assert_eq!(patched["profile_picture_url"], "https://example.org/a.png");
}

#[tokio::test]
async fn preferences_are_merged_key_by_key() {
    let (_app, ada, _) = TestApp::with_two_users().await;
    let patch = |preferences| ada.patch("/users/me", json!({ "preferences": preferences }));
    patch(json!({ "language": "en", "theme": { "dark": true }, "notifications": { "push": false } }))
        .await
        .has_status(200);
    let patched = patch(json!({ "day_start_hour": 5, "theme": { "size": 2 }, "language": null })).await.json();
    insta::assert_json_snapshot!(patched["preferences"], @r#"
    {
      "day_start_hour": 5,
      "language": "fr",
      "notifications": {
        "email": true,
        "push": false,
        "ws": true
      },
      "theme": {
        "dark": true,
        "size": 2
      },
      "timezone": "Europe/Paris"
    }
    "#);
    let emptied = patch(json!(null)).await.json();
    assert_eq!(emptied["preferences"].as_object().unwrap().len(), 4, "the defaults alone: {emptied}");
}

#[tokio::test]
async fn preferences_that_mean_nothing_are_refused_by_pointer() {
    let (app, ada, _) = TestApp::with_two_users().await;
    ada.get("/users/me").await.has_status(200);
    let mark = app.mark().await;
    let patch = |preferences| ada.patch("/users/me", json!({ "preferences": preferences }));
    let answer = patch(json!({ "timezone": "Europe/Pariss", "day_start_hour": 9, "language": "de" })).await;
    answer.is(422, "invalid");
    answer.names("/preferences/timezone", "not_a_time_zone").names("/preferences/day_start_hour", "out_of_range");
    answer.names("/preferences/language", "not_a_language");
    patch(json!({ "a": "x".repeat(17_000) })).await.is(422, "invalid").names("/preferences", "too_large");
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn preferences_grow_to_their_limit_in_many_steps_and_no_further() {
    let (_app, ada, _) = TestApp::with_two_users().await;
    let patch = |key: &str| ada.patch("/users/me", json!({ "preferences": { key: "x".repeat(6_000) } }));
    patch("a").await.has_status(200);
    patch("b").await.has_status(200);
    patch("c").await.is(422, "invalid").names("/preferences", "too_large");
}

#[tokio::test]
async fn a_change_of_zone_is_dated() {
    let (app, ada, _) = TestApp::with_two_users().await;
    ada.get("/users/me").await.has_status(200);
    app.clock.advance(jiff::SignedDuration::from_mins(5));
    let zone = json!({ "preferences": { "timezone": "Asia/Tokyo" } });
    let moved = ada.patch("/users/me", &zone).await.json();
    assert_eq!(moved["timezone_changed_at"], "2026-01-13T09:35:00Z");
    app.clock.advance(jiff::SignedDuration::from_mins(5));
    let stayed = ada.patch("/users/me", json!({ "bio": "Tokyo" })).await.json();
    assert_eq!(stayed["timezone_changed_at"], "2026-01-13T09:35:00Z");
}

#[tokio::test]
async fn a_picture_in_media_cannot_be_named_yet() {
    let (_app, ada, _) = TestApp::with_two_users().await;
    let named = json!({ "avatar_media_id": "01970000-0000-7000-8000-0000000000ff" });
    ada.patch("/users/me", named).await.is(422, "invalid").names("/avatar_media_id", "no_such_media");
    ada.patch("/users/me", json!({ "avatar_media_id": null })).await.has_status(200);
}

#[tokio::test]
async fn fields_nobody_knows_are_refused() {
    let (_app, ada, _) = TestApp::with_two_users().await;
    for field in ["user_id", "is_admin", "tier", "version"] {
        ada.patch("/users/me", json!({ field: 1 }))
            .await
            .is(422, "invalid")
            .names(&format!("/{field}"), "unknown_field");
    }
}

#[tokio::test]
async fn a_stale_version_is_refused() {
    let (_app, ada, _) = TestApp::with_two_users().await;
    ada.patch("/users/me", json!({ "bio": "First" })).await.has_status(200);
    ada.patch("/users/me", json!({ "bio": "Second" })).header("if-match", "\"1\"").await.is(412, "stale");
}

#[tokio::test]
async fn twenty_changes_at_once_are_all_kept() {
    let (_app, ada, _) = TestApp::with_two_users().await;
    ada.get("/users/me").await.has_status(200);
    let mut kept = 1;
    let patch = |n: i32| ada.patch("/users/me", json!({ "preferences": { format!("key{n}"): n } })).into_future();
    let calls: JoinSet<_> = (0..20).map(patch).collect();
    for answer in calls.join_all().await {
        match answer.status {
            200 => kept += 1,
            // Too many others were quicker, or the pool was used up: said so, and nothing was written.
            _ => assert!([409, 503].contains(&answer.status), "{answer:?}"),
        }
    }
    let profile = ada.get("/users/me").await.json();
    assert_eq!(profile["version"], kept);
    let keys = profile["preferences"].as_object().unwrap().keys().filter(|key| key.starts_with("key")).count();
    assert_eq!(keys + 1, kept, "{profile}");
}
