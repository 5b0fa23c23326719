//! PUT /auth/username.

use contracts::auth::ContactChanged;
use serde_json::json;

use crate::support::{Deeds, TestApp, together};

#[tokio::test]
async fn a_name_is_claimed_in_its_one_spelling_and_told() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let answer = ada.actor.put("/auth/username", json!({ "username": "Ada.Lovelace" })).await;
    answer.has_status(200);
    assert_eq!(answer.json()["username"], "ada.lovelace");
    assert_eq!(answer.header("etag"), ada.actor.get("/auth/me").await.header("etag"));
    let contact = app.emitted_of::<ContactChanged>().await.pop().unwrap();
    assert_eq!((contact.username.as_deref(), contact.version), (Some("ada.lovelace"), 3));
}

#[tokio::test]
async fn claiming_ones_own_name_changes_and_tells_nothing() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let mark = app.mark().await;
    ada.actor.put("/auth/username", json!({ "username": "ada" })).await.has_status(200);
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn a_name_that_somebody_has_is_refused() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    let mark = app.mark().await;
    bob.actor.put("/auth/username", json!({ "username": "ADA" })).await.is(409, "username_taken");
    app.emitted_nothing_since(mark).await;
    let calls = [&ada, &bob].map(|who| {
        let call = who.actor.put("/auth/username", json!({ "username": "countess" }));
        async move { call.await.status }
    });
    let mut statuses = together(calls).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn a_name_that_was_left_is_free() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    ada.actor.put("/auth/username", json!({ "username": "countess" })).await.has_status(200);
    bob.actor.put("/auth/username", json!({ "username": "ada" })).await.has_status(200);
}

#[tokio::test]
async fn what_is_no_name_is_refused() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    for name in ["", "ab", "a b", "ада", "ada\u{200b}", "ada-x", &"x".repeat(51)] {
        let answer = ada.actor.put("/auth/username", json!({ "username": name })).await;
        answer.is(422, "invalid").names("/username", "bad_username");
    }
}

#[tokio::test]
async fn who_read_an_older_version_is_told_so() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let before = ada.actor.get("/auth/me").await;
    let etag = before.header("etag").unwrap();
    let claim = |name: &str| ada.actor.put("/auth/username", json!({ "username": name })).header("if-match", etag);
    claim("countess").await.has_status(200);
    claim("lovelace").await.is(412, "stale");
}
