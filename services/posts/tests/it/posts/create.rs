use contracts::posts::{PostCreated, Visibility};
use serde_json::json;

use crate::support::{Deeds, TestApp};

#[tokio::test]
async fn what_says_nothing_or_too_much_is_refused() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let before = app.mark().await;
    let table = [
        (json!({}), "/body", "missing"),
        (json!({ "body": "" }), "/body", "too_short"),
        (json!({ "body": " \n\t " }), "/body", "blank"),
        (json!({ "body": "é".repeat(10_001) }), "/body", "too_long"),
        (json!({ "body": "a\u{0}b" }), "/body", "unprintable"),
        (json!({ "body": 7 }), "/body", "wrong_type"),
        (json!({ "body": "Hi", "tags": ["a b"] }), "/tags/0", "not_a_tag"),
        (json!({ "body": "Hi", "tags": vec!["a"; 11] }), "/tags", "too_long"),
        (json!({ "body": "Hi", "visibility": "friends" }), "/visibility", "unknown_value"),
        (
            json!({ "body": "Hi", "media_ids": ["019b76df-3be0-74d0-8a87-b63b7290cd64"] }),
            "/media_ids/0",
            "no_such_media",
        ),
        (json!({ "body": "Hi", "author_id": "019b76df-3be0-74d0-8a87-b63b7290cd64" }), "/author_id", "unknown_field"),
    ];
    for (body, pointer, code) in table {
        ada.post("/posts", body).await.is(422, "invalid").names(pointer, code);
    }
    app.emitted_nothing_since(before).await;
}

#[tokio::test]
async fn a_post_is_shown_as_it_was_written() {
    let (_app, ada, _) = TestApp::with_two_users().await;
    let body = json!({ "body": "Hello 👋\nworld", "tags": ["#Zen", "zen", " calme "], "visibility": "public" });
    let answer = ada.post("/posts", body).await;
    answer.has_status(201);
    assert_eq!(answer.header("location").unwrap(), format!("/api/v1/posts/{}", answer.json()["id"].as_str().unwrap()));
    assert!(answer.header("etag").unwrap().starts_with("\"1."), "{answer:?}");
    insta::assert_json_snapshot!(answer.snapshot(), @r###"
{
  "author": {
    "avatar_media_id": null,
    "full_name": null,
    "id": "[id 1]",
    "profile_picture_url": null,
    "username": null
  },
  "body": "Hello 👋\nworld",
  "comment_count": 0,
  "created_at": "2026-01-13T09:30:00Z",
  "edited_at": null,
  "id": "[id 2]",
  "like_count": 0,
  "liked_by_me": false,
  "media": [],
  "tags": [
    "zen",
    "calme"
  ],
  "version": 1,
  "visibility": "public"
}
"###);
}

#[tokio::test]
async fn the_longest_post_fits() {
    let (_app, ada, _) = TestApp::with_two_users().await;
    ada.post("/posts", json!({ "body": "🧘".repeat(10_000) })).await.has_status(201);
}

#[tokio::test]
async fn a_post_is_told_once() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let post = ada.has_post_for(&app, "coaches").await;
    let told = PostCreated { post_id: post.id, author_id: ada.id, visibility: Visibility::Coaches, media_ids: vec![] };
    assert_eq!(app.emitted_of::<PostCreated>().await, [told]);
}

#[tokio::test]
async fn the_same_key_writes_one_post() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let write =
        |who: &testkit::Actor, body: &str| who.post("/posts", json!({ "body": body })).header("idempotency-key", "k1");
    let (first, again) = (write(&ada, "Hello").await, write(&ada, "Hello").await);
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.json(), again.json());
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), (None, Some("true")));
    assert_eq!((again.header("location"), again.header("etag")), (first.header("location"), first.header("etag")));
    write(&ada, "Goodbye").await.is(422, "idempotency_mismatch");
    write(&bob, "Hello").await.has_status(201);
    assert_eq!(app.emitted_of::<PostCreated>().await.len(), 2, "one of ada's, one of bob's");
}

#[tokio::test]
async fn the_eleventh_post_in_an_hour_is_one_too_many() {
    let app = TestApp::with(&[("LIMIT_POSTS", "10/h")]).await;
    let ada = app.user("ada").await;
    for _ in 0..5 {
        ada.post("/posts", json!({ "body": "" })).await.is(422, "invalid");
    }
    for n in 0..10 {
        ada.post("/posts", json!({ "body": "Hi" })).header("idempotency-key", &n.to_string()).await.has_status(201);
    }
    let refused = ada.post("/posts", json!({ "body": "Hi" })).await;
    refused.is(429, "quota_exceeded");
    assert_eq!(refused.header("retry-after"), Some("360"));
    assert_eq!(refused.json()["violated-policies"], json!(["posts"]));
    assert_eq!(app.emitted_of::<PostCreated>().await.len(), 10, "the eleventh was taken back");
    ada.post("/posts", json!({ "body": "Hi" })).header("idempotency-key", "3").await.has_status(201);
    app.clock.advance(jiff::SignedDuration::from_secs(360));
    ada.post("/posts", json!({ "body": "Hi" })).await.has_status(201);
}
