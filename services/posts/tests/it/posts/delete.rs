use contracts::posts::PostDeleted;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use serde_json::json;

use crate::support::{Deeds, TestApp};

#[tokio::test]
async fn stranger_cannot_delete_a_post() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    bob.delete(&post.url("")).await.is(403, "forbidden");
    app.emitted_nothing_since(&post).await;
}

#[tokio::test]
async fn a_deleted_post_is_gone_for_whoever_could_read_it_and_never_was_for_others() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let (public, secret) = (ada.has_post(&app, "Hello").await, ada.has_post_for(&app, "coaches").await);
    for post in [&public, &secret] {
        ada.delete(&post.url("")).await.has_status(204);
        ada.get(&post.url("")).await.is(410, "post_deleted");
        ada.delete(&post.url("")).await.is(410, "post_deleted");
    }
    bob.get(&public.url("")).await.is(410, "post_deleted");
    bob.get(&secret.url("")).await.is(404, "not_found");
    for below in ["/likes", "/comments"] {
        bob.get(&public.url(below)).await.is(410, "post_deleted");
    }
    bob.post(&public.url("/comments"), json!({ "body": "Late" })).await.is(410, "post_deleted");
    bob.put(&public.url("/like"), json!(null)).await.is(410, "post_deleted");
}

#[tokio::test]
async fn a_deletion_is_told_once_and_leaves_no_word() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Something private").await;
    ada.put(&post.url(""), json!({ "body": "Something else", "tags": ["private"] })).await.has_status(200);
    ada.delete(&post.url("")).await.has_status(204);
    let told = PostDeleted { post_id: post.id, author_id: ada.id, media_ids: vec![] };
    assert_eq!(app.emitted_of::<PostDeleted>().await, [told]);
    let words = "SELECT concat((SELECT string_agg(p::text, '') FROM posts p), (SELECT string_agg(r::text, '') FROM post_revisions r))";
    let words: String = db::sql::<Text>(words).get_result(&mut *app.db().conn().await.unwrap()).await.unwrap();
    assert!(!words.contains("private") && !words.contains("else"), "{words}");
}
