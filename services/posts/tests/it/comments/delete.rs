use serde_json::json;

use crate::support::{Deeds, TestApp};

#[tokio::test]
async fn stranger_cannot_delete_a_comment() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    let comment = bob.has_comment(&post, None).await;
    ada.delete(&format!("/comments/{comment}")).await.is(403, "forbidden");
    assert_eq!(ada.get(&post.url("")).await.json()["comment_count"], 1);
}

#[tokio::test]
async fn a_comment_is_deleted_and_uncounted_once() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    let (comment, _) = (bob.has_comment(&post, None).await, bob.has_comment(&post, None).await);
    bob.delete(&format!("/comments/{comment}")).await.has_status(204);
    bob.delete(&format!("/comments/{comment}")).await.is(410, "comment_deleted");
    assert_eq!(ada.get(&post.url("")).await.json()["comment_count"], json!(1));
}

/// One waits for the post's row, the other for the comment's: they must not wait for each other.
#[tokio::test]
async fn answers_and_deletions_at_the_same_time_do_not_stop_each_other() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    for _ in 0..10 {
        let comment = bob.has_comment(&post, None).await;
        let answer = async { ada.post(&post.url("/comments"), json!({ "body": "Hi", "parent_id": comment })).await };
        let delete = async { bob.delete(&format!("/comments/{comment}")).await };
        let (answer, delete) = tokio::join!(answer, delete);
        assert!(answer.status == 201 || answer.status == 410, "{answer:?}");
        delete.has_status(204);
    }
    let (said, there) = (ada.get(&post.url("")).await.json(), ada.get(&post.url("/comments?limit=100")).await.json());
    let there = there["items"].as_array().unwrap().iter().filter(|comment| comment["deleted"] == false).count();
    assert_eq!(said["comment_count"], there);
}
