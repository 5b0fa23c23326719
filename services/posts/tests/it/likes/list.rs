use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Deeds, TestApp, execute};

#[tokio::test]
async fn who_likes_a_post_is_listed_the_latest_first() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    execute(&app, &format!("INSERT INTO authors (user_id, username, version) VALUES ('{}', 'bob', 1)", bob.id)).await;
    let cleo = app.user("cleo").await;
    for fan in [&ada, &bob, &cleo] {
        app.clock.advance(SignedDuration::from_secs(1));
        fan.likes(&post).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = bob.get(&post.url(&format!("/likes?limit=2{cursor}"))).await.json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|like| like["user"].clone()));
        match &page["next_cursor"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => break,
        }
    }
    let ids: Vec<&Value> = seen.iter().map(|user| &user["id"]).collect();
    assert_eq!(ids, [&json!(cleo.id), &json!(bob.id), &json!(ada.id)]);
    assert_eq!((&seen[1]["username"], &seen[2]["username"]), (&json!("bob"), &json!(null)));
}
