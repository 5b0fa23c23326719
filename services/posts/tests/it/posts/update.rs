use contracts::posts::{PostUpdated, Visibility};
use serde_json::json;

use crate::support::{Deeds, TestApp, hide};

#[tokio::test]
async fn stranger_cannot_edit_a_post() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    bob.put(&post.url(""), json!({ "body": "Mine" })).await.is(403, "forbidden");
    app.emitted_nothing_since(&post).await;
}

#[tokio::test]
async fn what_is_not_his_to_know_is_not_found_and_what_is_deleted_is_gone() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let (secret, gone) = (ada.has_post_for(&app, "coaches").await, ada.has_post(&app, "Hello").await);
    ada.delete(&gone.url("")).await.has_status(204);
    bob.put(&secret.url(""), json!({ "body": "Mine" })).await.is(404, "not_found");
    ada.put(&gone.url(""), json!({ "body": "Again" })).await.is(410, "post_deleted");
}

#[tokio::test]
async fn a_stale_version_is_refused() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "One").await;
    let edit = |body: &str, version: &str| ada.put(&post.url(""), json!({ "body": body })).header("if-match", version);
    let edited = edit("Two", "\"1\"").await;
    edited.has_status(200);
    edit("Three", "\"1\"").await.is(412, "stale");
    edit("Three", "\"12\"").await.is(412, "stale");
    edit("Three", edited.header("etag").unwrap()).await.has_status(200);
    edit("Four", "*").await.has_status(200);
}

#[tokio::test]
async fn a_like_does_not_stand_in_the_way_of_an_edit() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "One").await;
    let read = ada.get(&post.url("")).await;
    bob.likes(&post).await;
    let edit = ada.put(&post.url(""), json!({ "body": "Two" })).header("if-match", read.header("etag").unwrap());
    edit.await.has_status(200);
}

#[tokio::test]
async fn an_edit_is_shown_and_told() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    app.clock.advance(jiff::SignedDuration::from_mins(5));
    let edit = json!({ "body": "Hello, coaches", "tags": ["zen"], "visibility": "coaches" });
    let edited = ada.put(&post.url(""), edit).await.json();
    assert_eq!(
        (&edited["body"], &edited["tags"], &edited["version"]),
        (&json!("Hello, coaches"), &json!(["zen"]), &json!(2))
    );
    assert_eq!(edited["edited_at"], json!(app.clock.now()));
    let told = PostUpdated { post_id: post.id, author_id: ada.id, visibility: Visibility::Coaches, media_ids: vec![] };
    assert_eq!(app.emitted_of::<PostUpdated>().await, [told]);
    bob.get(&post.url("")).await.is(404, "not_found");
}

#[tokio::test]
async fn what_is_left_out_stays() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let post = ada.post("/posts", json!({ "body": "One", "tags": ["zen"], "visibility": "coaches" })).await;
    let url = format!("/posts/{}", post.id::<contracts::PostId>());
    let edited = ada.put(&url, json!({ "body": "Two" })).await.json();
    assert_eq!((&edited["tags"], &edited["visibility"]), (&json!(["zen"]), &json!("coaches")));
    drop(app);
}

#[tokio::test]
async fn an_edit_that_changes_nothing_is_none() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    let same = ada.put(&post.url(""), json!({ "body": "Hello" })).await;
    assert_eq!((&same.json()["version"], &same.json()["edited_at"]), (&json!(1), &json!(null)));
    app.emitted_nothing_since(&post).await;
}

#[tokio::test]
async fn an_author_may_edit_what_is_hidden() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    hide(&app, &post).await;
    ada.put(&post.url(""), json!({ "body": "Sorry" })).await.has_status(200);
}
