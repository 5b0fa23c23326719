use serde_json::json;

use crate::support::{Deeds, TestApp};

#[tokio::test]
async fn stranger_cannot_edit_a_comment() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    let comment = bob.has_comment(&post, None).await;
    ada.put(&format!("/comments/{comment}"), json!({ "body": "Mine" })).await.is(403, "forbidden");
}

#[tokio::test]
async fn a_comment_below_what_is_not_his_to_know_is_not_found() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post_for(&app, "coaches").await;
    let comment = ada.has_comment(&post, None).await;
    bob.put(&format!("/comments/{comment}"), json!({ "body": "Mine" })).await.is(404, "not_found");
}

#[tokio::test]
async fn an_edit_needs_the_version_it_was_read_with() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    let url = format!("/comments/{}", bob.has_comment(&post, None).await);
    let edit = |body: &str| bob.put(&url, json!({ "body": body })).header("if-match", "\"1\"");
    let edited = edit("Hi there").await;
    assert_eq!((edited.header("etag"), &edited.json()["body"]), (Some("\"2\""), &json!("Hi there")));
    edit("Hello").await.is(412, "stale");
    bob.put(&url, json!({ "body": "" })).await.is(422, "invalid");
}

#[tokio::test]
async fn a_deleted_comment_cannot_be_written_anew() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    let url = format!("/comments/{}", bob.has_comment(&post, None).await);
    bob.delete(&url).await.has_status(204);
    bob.put(&url, json!({ "body": "Again" })).await.is(410, "comment_deleted");
}
