//! auth.user.registered.v1.

use contracts::auth::{Method, UserRegistered};
use contracts::{Language, Tier, UserId};
use outbox::Taken;
use serde_json::json;

use crate::support::{TestApp, told};

fn registered(user_id: UserId) -> UserRegistered {
    UserRegistered { user_id, method: Method::Password, locale: Language::En, tier: Tier::Free }
}

#[tokio::test]
async fn a_profile_is_made_in_the_accounts_language() {
    let (app, ada, _) = TestApp::with_two_users().await;
    assert_eq!(app.deliver(&registered(ada.id)).await, Ok(Taken::Now));
    let profile = ada.get("/users/me").await.json();
    assert_eq!((&profile["preferences"]["language"], &profile["full_name"]), (&json!("en"), &json!(null)));
    let told = told(&app).await;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].preferences.language, told[0].version), (Language::En, 1));
}

#[tokio::test]
async fn twice_is_once() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let event = app.envelope(&registered(ada.id));
    assert_eq!(app.deliver_envelope(&event).await, Ok(Taken::Now));
    assert_eq!(app.deliver_envelope(&event).await, Ok(Taken::Before));
    assert_eq!(told(&app).await.len(), 1);
}

#[tokio::test]
async fn after_the_owners_first_call_only_what_is_empty_is_filled() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    ada.get("/users/me").await.has_status(200);
    bob.patch("/users/me", json!({ "preferences": { "language": "fr" } })).await.has_status(200);
    app.deliver(&registered(ada.id)).await.unwrap();
    app.deliver(&registered(bob.id)).await.unwrap();
    assert_eq!(ada.get("/users/me").await.json()["preferences"]["language"], "en");
    assert_eq!(bob.get("/users/me").await.json()["preferences"]["language"], "fr");
}
