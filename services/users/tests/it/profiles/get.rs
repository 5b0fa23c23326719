//! GET /users/{id}.

use serde_json::json;

use crate::support::{TestApp, contact};

#[tokio::test]
async fn a_stranger_sees_what_a_profile_shows_of_itself() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    app.deliver(&contact(ada.id, "ada")).await.unwrap();
    ada.patch("/users/me", json!({ "bio": "Machines", "preferences": { "theme": "dark" } })).await.has_status(200);
    let seen = bob.get(&format!("/users/{}", ada.id)).await;
    insta::assert_json_snapshot!(seen.has_status(200).snapshot(), @r#"
    {
      "avatar_media_id": null,
      "bio": "Machines",
      "full_name": "Ada Lovelace",
      "id": "[id 1]",
      "profile_picture_url": null,
      "user_id": "[id 1]",
      "username": "ada"
    }
    "#);
}

#[tokio::test]
async fn its_owner_and_administrators_see_it_whole() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let own = ada.get("/users/me").await.json();
    let path = format!("/users/{}", ada.id);
    assert_eq!(ada.get(&path).await.json(), own);
    assert_eq!(app.admin("root").await.get(&path).await.json(), own);
    assert_ne!(app.coach("carl").await.get(&path).await.json(), own);
}

#[tokio::test]
async fn whoever_has_no_profile_is_unknown() {
    let (_app, ada, bob) = TestApp::with_two_users().await;
    ada.get(&format!("/users/{}", bob.id)).await.is(404, "not_found");
    ada.get("/users/01970000-0000-7000-8000-0000000000ff").await.is(404, "not_found");
    ada.get("/users/not-an-id").await.is(404, "not_found");
}
