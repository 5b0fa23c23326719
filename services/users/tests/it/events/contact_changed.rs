//! auth.contact.changed.v1.

use contracts::auth::{ContactChanged, Method, UserRegistered};
use contracts::{Language, Tier};
use outbox::Taken;
use serde_json::json;

use crate::support::{TestApp, contact, told};

#[tokio::test]
async fn an_event_before_the_profile_makes_it() {
    let (app, ada, _) = TestApp::with_two_users().await;
    app.deliver(&contact(ada.id, "ada")).await.unwrap();
    let answer = ada.get("/users/me").await;
    let profile = answer.json();
    assert_eq!((&profile["username"], &profile["full_name"]), (&json!("ada"), &json!("Ada Lovelace")));
    assert_eq!(profile["preferences"]["language"], "en");
    assert!(!answer.text().contains("@example.org"), "the address is auth's: {answer:?}");
    assert_eq!(told(&app).await.len(), 1);
}

/// The broker keeps the order within an exchange, and these two come by two.
#[tokio::test]
async fn the_order_of_the_two_events_does_not_matter() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let registered =
        |user_id| UserRegistered { user_id, method: Method::Password, locale: Language::En, tier: Tier::Free };
    app.deliver(&registered(ada.id)).await.unwrap();
    app.deliver(&contact(ada.id, "ada")).await.unwrap();
    app.deliver(&contact(bob.id, "bob")).await.unwrap();
    app.deliver(&registered(bob.id)).await.unwrap();
    let (hers, his) = (ada.get("/users/me").await.json(), bob.get("/users/me").await.json());
    for field in ["full_name", "preferences", "bio", "version"] {
        assert_eq!(hers[field], his[field]);
    }
}

#[tokio::test]
async fn twice_is_once_and_older_is_never() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let newer = app.envelope(&ContactChanged { version: 2, ..contact(ada.id, "countess") });
    let older = app.envelope(&contact(ada.id, "ada"));
    assert_eq!(app.deliver_envelope(&newer).await, Ok(Taken::Now));
    assert_eq!(app.deliver_envelope(&newer).await, Ok(Taken::Before));
    assert_eq!(app.deliver_envelope(&older).await, Ok(Taken::Outdated));
    assert_eq!(ada.get("/users/me").await.json()["username"], "countess");
    assert_eq!(told(&app).await.len(), 1);
}

#[tokio::test]
async fn after_the_owners_first_write_only_what_is_empty_is_filled() {
    let (app, ada, _) = TestApp::with_two_users().await;
    ada.patch("/users/me", json!({ "full_name": "Augusta", "preferences": { "language": "fr" } }))
        .await
        .has_status(200);
    let told = ContactChanged { picture_url: Some("https://example.org/a.png".into()), ..contact(ada.id, "ada") };
    app.deliver(&told).await.unwrap();
    let profile = ada.get("/users/me").await.json();
    assert_eq!(profile["username"], "ada");
    assert_eq!(profile["full_name"], "Augusta");
    assert_eq!(profile["profile_picture_url"], "https://example.org/a.png");
    assert_eq!(profile["preferences"]["language"], "fr");
}

#[tokio::test]
async fn what_the_owner_emptied_stays_empty() {
    let (app, ada, _) = TestApp::with_two_users().await;
    app.deliver(&contact(ada.id, "ada")).await.unwrap();
    ada.patch("/users/me", json!({ "full_name": null })).await.has_status(200);
    app.deliver(&ContactChanged { version: 2, email_verified: true, ..contact(ada.id, "ada") }).await.unwrap();
    assert_eq!(ada.get("/users/me").await.json()["full_name"], json!(null));
}

#[tokio::test]
async fn what_changes_nothing_is_no_new_version() {
    let (app, ada, _) = TestApp::with_two_users().await;
    app.deliver(&contact(ada.id, "ada")).await.unwrap();
    let before = ada.get("/users/me").await.json();
    let mark = app.mark().await;
    app.deliver(&ContactChanged { version: 2, email_verified: true, ..contact(ada.id, "ada") }).await.unwrap();
    assert_eq!(ada.get("/users/me").await.json(), before);
    app.emitted_nothing_since(mark).await;
}
