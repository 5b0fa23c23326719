use contracts::CommentId;
use contracts::posts::CommentCreated;
use jiff::Timestamp;
use serde_json::json;

use crate::support::{Deeds, TestApp, execute, hide};

#[tokio::test]
async fn what_says_nothing_or_too_much_is_refused() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    let table = [
        (json!({}), "/body", "missing"),
        (json!({ "body": " " }), "/body", "blank"),
        (json!({ "body": "é".repeat(2_001) }), "/body", "too_long"),
        (json!({ "body": "Hi", "depth": 3 }), "/depth", "unknown_field"),
        (json!({ "body": "Hi", "parent_id": "7" }), "/parent_id", "invalid"),
    ];
    for (body, pointer, code) in table {
        bob.post(&post.url("/comments"), body).await.is(422, "invalid").names(pointer, code);
    }
    app.emitted_nothing_since(&post).await;
}

#[tokio::test]
async fn a_parent_must_be_a_comment_on_the_same_post() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let (post, other) = (ada.has_post(&app, "One").await, ada.has_post(&app, "Two").await);
    let elsewhere = bob.has_comment(&other, None).await;
    for parent in [elsewhere, CommentId::at(Timestamp::UNIX_EPOCH)] {
        let refused = bob.post(&post.url("/comments"), json!({ "body": "Hi", "parent_id": parent })).await;
        refused.is(422, "invalid").names("/parent_id", "unknown_comment");
    }
    assert_eq!(ada.get(&post.url("")).await.json()["comment_count"], 0, "a refusal takes the count back");
}

#[tokio::test]
async fn what_is_deleted_or_hidden_cannot_be_answered() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    let comment = bob.has_comment(&post, None).await;
    bob.delete(&format!("/comments/{comment}")).await.has_status(204);
    ada.post(&post.url("/comments"), json!({ "body": "Why?", "parent_id": comment })).await.is(410, "comment_deleted");
    hide(&app, &post).await;
    for who in [&ada, &bob] {
        who.post(&post.url("/comments"), json!({ "body": "Why?" })).await.is(410, "post_deleted");
    }
}

#[tokio::test]
async fn a_comment_is_shown_counted_and_told() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    execute(&app, &format!("INSERT INTO authors (user_id, username, version) VALUES ('{}', 'bob', 1)", bob.id)).await;
    let first = bob.has_comment(&post, None).await;
    let answer = bob.post(&post.url("/comments"), json!({ "body": "Hi", "parent_id": first })).await;
    assert_eq!(answer.header("location").unwrap(), format!("/api/v1/comments/{}", answer.id::<CommentId>()));
    insta::assert_json_snapshot!(answer.snapshot(), @r###"
{
  "author": {
    "avatar_media_id": null,
    "full_name": null,
    "id": "[id 1]",
    "profile_picture_url": null,
    "username": "bob"
  },
  "body": "Hi",
  "created_at": "2026-01-13T09:30:00Z",
  "deleted": false,
  "depth": 1,
  "edited_at": null,
  "id": "[id 2]",
  "parent_id": "[id 3]",
  "post_id": "[id 4]",
  "version": 1
}
"###);
    assert_eq!(ada.get(&post.url("")).await.json()["comment_count"], 2);
    let told = app.emitted_of::<CommentCreated>().await;
    let expected = CommentCreated {
        comment_id: answer.id(),
        post_id: post.id,
        post_author_id: ada.id,
        author_id: bob.id,
        parent_id: Some(first),
    };
    assert_eq!((told.len(), &told[1]), (2, &expected));
}

#[tokio::test]
async fn the_ninth_answer_stands_beside_the_eighth() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    let (mut parent, mut depths) = (None, Vec::new());
    for _ in 0..11 {
        let answer = bob.post(&post.url("/comments"), json!({ "body": "Hi", "parent_id": parent })).await;
        depths.push(answer.json()["depth"].as_i64().unwrap());
        parent = Some(answer.id::<CommentId>());
        app.clock.advance(jiff::SignedDuration::from_secs(1));
    }
    assert_eq!(depths, [0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 8]);
    let thread = ada.get(&post.url("/comments")).await.json();
    let shown: Vec<i64> = thread["items"].as_array().unwrap().iter().map(|c| c["depth"].as_i64().unwrap()).collect();
    assert_eq!(shown, depths);
}

#[tokio::test]
async fn the_same_key_writes_one_comment() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let (post, other) = (ada.has_post(&app, "One").await, ada.has_post(&app, "Two").await);
    let write = |url: String| bob.post(&url, json!({ "body": "Hi" })).header("idempotency-key", "k1");
    let (first, again) = (write(post.url("/comments")).await, write(post.url("/comments")).await);
    assert_eq!((first.json(), again.header("idempotent-replayed")), (again.json(), Some("true")));
    write(other.url("/comments")).await.is(422, "idempotency_mismatch");
    assert_eq!(app.emitted_of::<CommentCreated>().await.len(), 1);
    assert_eq!(ada.get(&post.url("")).await.json()["comment_count"], 1);
}

#[tokio::test]
async fn one_comment_too_many_in_an_hour_is_refused() {
    let app = TestApp::with(&[("LIMIT_COMMENTS", "2/h")]).await;
    let ada = app.user("ada").await;
    let post = ada.has_post(&app, "Hello").await;
    for _ in 0..2 {
        ada.has_comment(&post, None).await;
    }
    ada.post(&post.url("/comments"), json!({ "body": "Hi" })).await.is(429, "quota_exceeded");
    assert_eq!(ada.get(&post.url("")).await.json()["comment_count"], 2);
}
