use contracts::PostId;
use jiff::Timestamp;
use serde_json::json;

use crate::support::{Deeds, TestApp, execute, hide};

#[tokio::test]
async fn what_never_was_is_not_found() {
    let (_app, ada, _) = TestApp::with_two_users().await;
    ada.get(&format!("/posts/{}", PostId::at(Timestamp::UNIX_EPOCH))).await.is(404, "not_found");
    ada.get("/posts/7").await.is(404, "not_found");
}

#[tokio::test]
async fn a_post_for_coaches_is_nobody_elses_to_know() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post_for(&app, "coaches").await;
    bob.get(&post.url("")).await.is(404, "not_found");
    for reader in [ada, app.coach("cleo").await, app.admin("root").await] {
        reader.get(&post.url("")).await.has_status(200);
    }
}

#[tokio::test]
async fn a_post_for_followers_is_its_authors() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post_for(&app, "followers").await;
    for stranger in [bob, app.coach("cleo").await] {
        stranger.get(&post.url("")).await.is(404, "not_found");
    }
    ada.get(&post.url("")).await.has_status(200);
}

#[tokio::test]
async fn a_hidden_post_is_gone_for_all_but_its_author_and_administrators() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    hide(&app, &post).await;
    bob.get(&post.url("")).await.is(410, "post_deleted");
    for reader in [ada, app.admin("root").await] {
        reader.get(&post.url("")).await.has_status(200);
    }
}

#[tokio::test]
async fn a_known_version_is_not_sent_again() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    let read = bob.get(&post.url("")).await;
    bob.get(&post.url("")).header("if-none-match", read.header("etag").unwrap()).await.has_status(304);
    bob.likes(&post).await;
    let liked = bob.get(&post.url("")).header("if-none-match", read.header("etag").unwrap()).await;
    assert_eq!(liked.json()["liked_by_me"], true, "a like is seen at once");
}

#[tokio::test]
async fn each_reader_sees_whether_he_likes_it() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    bob.likes(&post).await;
    let (hers, his) = (ada.get(&post.url("")).await.json(), bob.get(&post.url("")).await.json());
    assert_eq!((&hers["liked_by_me"], &hers["like_count"]), (&json!(false), &json!(1)));
    assert_eq!((&his["liked_by_me"], &his["like_count"]), (&json!(true), &json!(1)));
}

#[tokio::test]
async fn an_author_who_is_no_more_is_named_so() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    let erased = format!(
        "INSERT INTO authors (user_id, username, version, erased_at) VALUES ('{}', 'deleted-1234abcd', 9, now())",
        ada.id
    );
    execute(&app, &erased).await;
    let author = bob.get(&post.url("")).await.json()["author"].clone();
    assert_eq!((&author["username"], &author["full_name"]), (&json!(null), &json!("compte supprimé")));
}
