//! GET /auth/identities.

use serde_json::json;

use crate::identities::has_identity;
use crate::support::{Deeds, TestApp};

#[tokio::test]
async fn an_owner_sees_the_own_ones_alone() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    let id = has_identity(&app, &ada, "ada").await;
    let listed = ada.actor.get("/auth/identities").await.json();
    let items = listed["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{listed}");
    let item = &items[0];
    assert_eq!(
        (&item["id"], &item["provider"], &item["provider_name"]),
        (&json!(id), &json!("google"), &json!("Google"))
    );
    assert_eq!(item["email"], "ada@gmail.example");
    assert!(item["subject"].is_null() && item["created_at"].is_string() && item["last_used_at"].is_string());
    assert_eq!(bob.actor.get("/auth/identities").await.json()["items"], json!([]));
}
