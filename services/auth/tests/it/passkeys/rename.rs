//! PATCH /auth/passkeys/{id}.

use serde_json::json;

use super::equipped;
use crate::support::TestApp;

#[tokio::test]
async fn an_owner_calls_the_own_one_otherwise_and_nobody_elses() {
    let app = TestApp::start().await;
    let (ada, ..) = equipped(&app, "ada").await;
    let (bob, ..) = equipped(&app, "bob").await;
    let list = ada.actor.get("/auth/passkeys").await.json();
    let path = format!("/auth/passkeys/{}", list["items"][0]["id"].as_str().unwrap());
    bob.actor.patch(&path, json!({ "name": "Mine" })).await.is(404, "not_found");
    ada.actor.patch("/auth/passkeys/x", json!({ "name": "Mine" })).await.is(404, "not_found");
    ada.actor.patch(&path, json!({ "name": "x".repeat(101) })).await.is(422, "invalid").names("/name", "too_long");
    ada.actor.patch(&path, json!({ "name": " " })).await.is(422, "invalid").names("/name", "unprintable");
    let renamed = ada.actor.patch(&path, json!({ "name": "Téléphone" })).await.has_status(200).json();
    assert_eq!(renamed["name"], "Téléphone");
    assert_eq!(ada.actor.get("/auth/passkeys").await.json()["items"][0], renamed);
}
