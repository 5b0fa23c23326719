use contracts::Event;
use contracts::users::ProfileUpdated;
use outbox::Taken;
use serde_json::{Value, json};

use crate::support::{Deeds, TestApp};

fn profile(user: contracts::UserId, username: &str, version: i64) -> ProfileUpdated {
    ProfileUpdated { user_id: user, username: Some(username.into()), version, ..ProfileUpdated::sample() }
}

#[tokio::test]
async fn an_author_is_shown_by_his_newest_name() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    let shown = async || bob.get(&post.url("")).await.json()["author"]["username"].clone();
    assert_eq!(shown().await, Value::Null, "nothing is known of her yet");
    let newest = app.envelope(&profile(ada.id, "ada", 2));
    assert_eq!(app.deliver_envelope(&newest).await, Ok(Taken::Now));
    assert_eq!(app.deliver_envelope(&newest).await, Ok(Taken::Before));
    assert_eq!(app.deliver(&profile(ada.id, "old", 1)).await, Ok(Taken::Outdated));
    assert_eq!(shown().await, json!("ada"));
    assert_eq!(app.deliver(&profile(ada.id, "lovelace", 3)).await, Ok(Taken::Now));
    assert_eq!(shown().await, json!("lovelace"));
}
