use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use jiff::SignedDuration;
use posts::jobs;
use serde_json::json;

use crate::support::{Deeds, TestApp, execute};

#[tokio::test]
async fn counters_that_are_wrong_are_put_right_and_others_left_alone() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let (wrong, right, gone) =
        (ada.has_post(&app, "1").await, ada.has_post(&app, "2").await, ada.has_post(&app, "3").await);
    for post in [&wrong, &right, &gone] {
        bob.likes(post).await;
        bob.has_comment(post, None).await;
    }
    let deleted = bob.has_comment(&wrong, None).await;
    bob.delete(&format!("/comments/{deleted}")).await.has_status(204);
    ada.delete(&gone.url("")).await.has_status(204);
    let spoil = format!("UPDATE posts SET like_count = 7, comment_count = 0 WHERE id = '{}'", wrong.id);
    execute(&app, &spoil).await;
    assert_eq!(jobs::check_counters::check_counters(app.db()).await.unwrap(), 1);
    for post in [&wrong, &right] {
        let counts = ada.get(&post.url("")).await.json();
        assert_eq!((&counts["like_count"], &counts["comment_count"]), (&json!(1), &json!(1)));
    }
    assert_eq!(jobs::check_counters::check_counters(app.db()).await.unwrap(), 0);
}

#[tokio::test]
async fn the_nights_work_is_done_once_a_night_and_made_up_for() {
    let app = TestApp::start().await;
    let round = async || jobs::round(app.state()).await.unwrap();
    assert!(round().await, "the first night was missed");
    assert!(!round().await, "and is made up for");
    app.clock.advance(SignedDuration::from_hours(24));
    assert_eq!((round().await, round().await), (true, false));
    app.clock.advance(-SignedDuration::from_hours(12));
    assert_eq!((round().await, round().await), (true, false), "a clock that travelled back holds nobody up");
}

#[tokio::test]
async fn old_answers_to_idempotency_keys_are_forgotten() {
    let (app, ada, _) = TestApp::with_two_users().await;
    ada.post("/posts", json!({ "body": "Hi" })).header("idempotency-key", "k1").await.has_status(201);
    app.clock.advance(SignedDuration::from_hours(25));
    ada.post("/posts", json!({ "body": "Hi" })).header("idempotency-key", "k2").await.has_status(201);
    assert_eq!(jobs::prune::prune(app.state()).await.unwrap(), 1);
    let left = db::sql::<BigInt>("SELECT count(*) FROM idempotency_keys WHERE key = 'k2'");
    let left: i64 = left.get_result(&mut *app.db().conn().await.unwrap()).await.unwrap();
    assert_eq!(left, 1);
}

#[tokio::test]
async fn likes_of_no_post_are_deleted_and_others_stay() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "1").await;
    bob.likes(&post).await;
    let orphans =
        "INSERT INTO likes SELECT gen_random_uuid(), gen_random_uuid(), '2026-01-01Z' FROM generate_series(1, 40)";
    // More than one batch: one person's, of the last batch among them.
    let many = format!(
        "{orphans}; INSERT INTO likes SELECT '{}', gen_random_uuid(), '2026-01-01Z' FROM generate_series(1, 2100)",
        bob.id
    );
    execute(&app, &many).await;
    assert_eq!(jobs::sweep_likes::sweep_likes(app.db()).await.unwrap(), 2140);
    assert_eq!(jobs::sweep_likes::sweep_likes(app.db()).await.unwrap(), 0);
    assert_eq!(ada.get(&post.url("/likes")).await.json()["items"].as_array().unwrap().len(), 1);
}
