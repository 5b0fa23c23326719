use contracts::PostId;
use contracts::posts::LikeChanged;
use diesel_async::SimpleAsyncConnection;
use futures_util::future::{join, join_all};
use jiff::Timestamp;
use serde_json::json;
use testkit::Actor;

use crate::support::{Deeds, Post, TestApp, execute, hide};

#[tokio::test]
async fn what_is_not_there_cannot_be_liked() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let (secret, hidden) = (ada.has_post_for(&app, "coaches").await, ada.has_post(&app, "Hello").await);
    hide(&app, &hidden).await;
    let before = app.mark().await;
    let never = format!("/posts/{}/like", PostId::at(Timestamp::UNIX_EPOCH));
    bob.put(&never, json!(null)).await.is(404, "not_found");
    bob.put(&secret.url("/like"), json!(null)).await.is(404, "not_found");
    bob.put(&hidden.url("/like"), json!(null)).await.is(410, "post_deleted");
    app.emitted_nothing_since(before).await;
    assert_eq!(ada.get(&secret.url("")).await.json()["like_count"], 0, "a refusal takes the like back");
}

#[tokio::test]
async fn a_like_is_a_fact_and_counted_once() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    for _ in 0..2 {
        bob.likes(&post).await;
        bob.post(&post.url("/like"), json!(null)).await.has_status(204);
    }
    assert_eq!(ada.get(&post.url("")).await.json()["like_count"], 1);
    let told = LikeChanged { post_id: post.id, post_author_id: ada.id, user_id: bob.id, liked: true };
    assert_eq!(app.emitted_of::<LikeChanged>().await, [told]);
}

#[tokio::test]
async fn ones_own_post_may_be_liked() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    ada.likes(&post).await;
    assert_eq!(ada.get(&post.url("")).await.json()["liked_by_me"], true);
}

/// Each is repeated until it is answered, as a client does that is told to try again in a moment.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_at_once_are_counted_exactly() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    let fans = fans(&app, 20).await;
    let like = async |nth: usize| {
        let (fan, url) = (&fans[nth % fans.len()], post.url("/like"));
        loop {
            let answer = if nth % 3 == 2 { fan.delete(&url).await } else { fan.put(&url, json!(null)).await };
            match answer.status {
                204 => return,
                503 => tokio::task::yield_now().await,
                _ => panic!("{answer:?}"),
            }
        }
    };
    join_all((0..200).map(like)).await;
    let said = ada.get(&post.url("")).await.json()["like_count"].as_u64().unwrap();
    let there = ada.get(&post.url("/likes?limit=100")).await.json()["items"].as_array().unwrap().len();
    let told: i64 = app.emitted_of::<LikeChanged>().await.iter().map(|like| if like.liked { 1 } else { -1 }).sum();
    assert_eq!((said, told), (there as u64, there as i64));
}

/// They are made in batches: each counts for its own post, and is told in its place.
#[tokio::test(flavor = "multi_thread")]
async fn likes_of_several_posts_at_once_are_each_made_and_told() {
    let app = TestApp::with(&[("WORKERS", "3")]).await;
    let ada = app.user("ada").await;
    let fans = fans(&app, 16).await;
    let posts = join_all((0..5).map(|_| ada.has_post(&app, "Hello"))).await;
    join_all((0..80).map(async |nth: usize| fans[nth / 5].likes(&posts[nth % 5]).await)).await;
    let told = app.emitted().await;
    for post in &posts {
        assert_eq!(ada.get(&post.url("")).await.json()["like_count"], 16);
        let mine = told.iter().filter(|event| event.subject == post.id.to_string());
        let places: Vec<i64> = mine.map(|event| event.sequence).collect();
        assert_eq!(places, (1..=17).collect::<Vec<_>>(), "its creation and sixteen likes, in their order");
    }
    assert_eq!(app.emitted_of::<LikeChanged>().await.len(), 80);
}

/// So that two batches, of two processes, never wait for each other: whoever waits for the first post has no other yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_takes_posts_in_the_order_of_their_ids() {
    let (app, ada, _) = TestApp::with_two_users().await;
    // Among few posts PostgreSQL would look at all, in the order in which they lie.
    let many = "INSERT INTO posts (id, author_id, created_at, visibility, body)
        SELECT gen_random_uuid(), gen_random_uuid(), now(), 'public', 'Hi' FROM generate_series(1, 20000)";
    execute(&app, many).await;
    let fans = fans(&app, 20).await;
    let mut other = app.db().conn().await.unwrap();
    for _ in 0..6 {
        let mut posts = join_all((0..5).map(|_| ada.has_post(&app, "Hello"))).await;
        posts.sort_by_key(|post| post.id.0);
        let ids: Vec<String> = posts.iter().map(|post| format!("'{}'", post.id)).collect();
        other.batch_execute(&format!("BEGIN; SELECT FROM posts WHERE id = {} FOR UPDATE", ids[0])).await.unwrap();
        let all = join_all((0..100).rev().map(async |nth: usize| fans[nth / 5].likes(&posts[nth % 5]).await));
        let goes_on = async {
            testkit::until_waiting(app.db(), 1).await;
            let rest = format!("SELECT FROM posts WHERE id IN ({}) FOR UPDATE NOWAIT; COMMIT", ids[1..].join(","));
            other.batch_execute(&rest).await.unwrap();
        };
        join(all, goes_on).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_to_one_is_made_for_those_who_came_with_him() {
    let (app, ada, gone) = TestApp::with_two_users().await;
    let (post, secret) = (ada.has_post(&app, "Hello").await, ada.has_post_for(&app, "coaches").await);
    let erased = format!(
        "INSERT INTO erased_subjects (user_id, erasure_id, erased_at, receipt)
        VALUES ('{}', gen_random_uuid(), now(), '{{}}')",
        gone.id
    );
    execute(&app, &erased).await;
    let fans = fans(&app, 20).await;
    let coach = app.coach("coach").await;
    let like = async |nth: usize| {
        let (who, what) = match nth {
            5 => (&gone, &post),
            6 => (&fans[6], &secret),
            7 => (&coach, &secret),
            _ => (&fans[nth], &post),
        };
        let answer = who.put(&what.url("/like"), json!(null)).await;
        match nth {
            5 => answer.is(401, "token_revoked"),
            6 => answer.is(404, "not_found"),
            _ => answer.has_status(204),
        };
    };
    join_all((0..20).map(like)).await;
    assert_eq!(ada.get(&post.url("")).await.json()["like_count"], 17);
    assert_eq!(coach.get(&secret.url("")).await.json()["like_count"], 1);
}

/// One post that somebody holds, by an erasure or by hand: its own likes fail, those that came with them are only late.
#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_is_held_fails_no_like_of_another() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let (held, free) = (ada.has_post(&app, "Hello").await, ada.has_post(&app, "Hello").await);
    let mut holder = app.db().conn().await.unwrap();
    holder.batch_execute(&format!("BEGIN; SELECT FROM posts WHERE id = '{}' FOR UPDATE", held.id)).await.unwrap();
    let fans = fans(&app, 20).await;
    let like = async |nth: usize| match nth {
        7 => bob.put(&held.url("/like"), json!(null)).await.is(503, "unavailable").status,
        _ => fans[nth].put(&free.url("/like"), json!(null)).await.status,
    };
    let answers = join_all((0..20).map(like)).await;
    holder.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(answers.iter().filter(|status| **status == 204).count(), 19, "{answers:?}");
    let counts = async |post: &Post| ada.get(&post.url("")).await.json()["like_count"].clone();
    assert_eq!((counts(&held).await, counts(&free).await), (json!(0), json!(19)));
}

#[tokio::test]
async fn one_like_too_many_in_an_hour_is_refused_and_repeats_are_none() {
    let app = TestApp::with(&[("LIMIT_LIKES", "2/h")]).await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let posts = [ada.has_post(&app, "1").await, ada.has_post(&app, "2").await, ada.has_post(&app, "3").await];
    for post in [&posts[0], &posts[0], &posts[0], &posts[1]] {
        bob.likes(post).await;
    }
    bob.put(&posts[2].url("/like"), json!(null)).await.is(429, "quota_exceeded");
    assert_eq!(ada.get(&posts[2].url("")).await.json()["like_count"], 0);
}

async fn fans(app: &TestApp, many: usize) -> Vec<Actor> {
    let names: Vec<String> = (0..many).map(|n| format!("fan {n}")).collect();
    join_all(names.iter().map(|name| app.user(name))).await
}
