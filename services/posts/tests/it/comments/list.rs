use contracts::CommentId;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Deeds, TestApp};

#[tokio::test]
async fn threads_read_from_top_to_bottom_page_by_page() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    let say = async |parent| {
        app.clock.advance(SignedDuration::from_secs(1));
        bob.has_comment(&post, parent).await
    };
    let first = say(None).await;
    let second = say(None).await;
    let answer = say(Some(first)).await;
    let later = say(Some(first)).await;
    let deep = say(Some(answer)).await;
    let expected = [first, answer, deep, later, second];
    let (mut seen, mut cursor) = (Vec::<CommentId>::new(), String::new());
    loop {
        let page = ada.get(&post.url(&format!("/comments?limit=2{cursor}"))).await.json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().parse::<CommentId>().unwrap()));
        match &page["next_cursor"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => break,
        }
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_deleted_comment_keeps_its_place_and_its_answers() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    let comment = bob.has_comment(&post, None).await;
    ada.has_comment(&post, Some(comment)).await;
    bob.delete(&format!("/comments/{comment}")).await.has_status(204);
    let thread = ada.get(&post.url("/comments")).await.json();
    let (gone, answer) = (&thread["items"][0], &thread["items"][1]);
    assert_eq!((&gone["deleted"], &gone["body"], &gone["author"]), (&json!(true), &json!(null), &json!(null)));
    assert_eq!((&answer["body"], &answer["parent_id"]), (&json!("Hi"), &json!(comment)));
}

#[tokio::test]
async fn a_cursor_of_another_post_is_refused() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let (post, other) = (ada.has_post(&app, "One").await, ada.has_post(&app, "Two").await);
    for _ in 0..2 {
        bob.has_comment(&post, None).await;
    }
    let cursor = ada.get(&post.url("/comments?limit=1")).await.json()["next_cursor"].as_str().unwrap().to_owned();
    ada.get(&other.url(&format!("/comments?cursor={cursor}"))).await.is(400, "bad_cursor");
}
