use contracts::posts::LikeChanged;

use crate::support::{Deeds, TestApp};

#[tokio::test]
async fn what_is_not_his_to_know_is_not_found() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post_for(&app, "coaches").await;
    bob.delete(&post.url("/like")).await.is(404, "not_found");
}

#[tokio::test]
async fn a_like_is_taken_back_once() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    bob.delete(&post.url("/like")).await.has_status(204);
    app.emitted_nothing_since(&post).await;
    bob.likes(&post).await;
    for _ in 0..2 {
        bob.delete(&post.url("/like")).await.has_status(204);
    }
    assert_eq!(ada.get(&post.url("")).await.json()["like_count"], 0);
    let told: Vec<bool> = app.emitted_of::<LikeChanged>().await.iter().map(|like| like.liked).collect();
    assert_eq!(told, [true, false]);
    let places: Vec<i64> = app.emitted().await.iter().map(|event| event.sequence).collect();
    assert_eq!(places, [1, 2, 3], "each behind the one before, the post's creation first");
}
