//! Usernames, which are auth's: claimed there, written here, and followed when auth tells of them.

use contracts::auth::ContactChanged;
use jiff::SignedDuration;
use serde_json::json;

use crate::support::auth::{Auth, Mood};
use crate::support::{TestApp, contact, told};

async fn with_auth() -> (TestApp, std::sync::Arc<Auth>) {
    let (auth, url) = Auth::start().await;
    (TestApp::with(&[("AUTH_URL", &url)]).await, auth)
}

#[tokio::test]
async fn of_two_who_want_one_name_one_gets_it() {
    let (app, _auth) = with_auth().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    ada.patch("/users/me", json!({ "username": "countess" })).await.has_status(200);
    bob.get("/users/me").await.has_status(200);
    let mark = app.mark().await;
    bob.patch("/users/me", json!({ "username": "countess", "bio": "Mine" })).await.is(409, "username_taken");
    app.emitted_nothing_since(mark).await;
    assert_eq!(bob.get("/users/me").await.json()["bio"], json!(null));
}

#[tokio::test]
async fn a_name_that_is_none_is_not_even_asked_for() {
    let (app, auth) = with_auth().await;
    let ada = app.user("ada").await;
    for name in ["ab", "Ada Lovelace", "adа", "a".repeat(51).as_str()] {
        ada.patch("/users/me", json!({ "username": name })).await.is(422, "invalid").names("/username", "bad_username");
    }
    ada.patch("/users/me", json!({ "full_name": "x".repeat(101), "username": "countess" })).await.is(422, "invalid");
    assert!(auth.asked().is_empty(), "{:?}", auth.asked());
    auth.is(Mood::Fussy);
    ada.patch("/users/me", json!({ "username": "deleted" }))
        .await
        .is(422, "invalid")
        .names("/username", "bad_username");
}

#[tokio::test]
async fn the_name_one_has_is_not_claimed_again() {
    let (app, auth) = with_auth().await;
    let ada = app.user("ada").await;
    ada.patch("/users/me", json!({ "username": "countess" })).await.has_status(200);
    ada.put("/users/me", json!({ "username": "COUNTESS", "bio": "Again" })).await.has_status(200);
    assert_eq!(auth.asked(), ["countess"]);
}

#[tokio::test]
async fn without_auth_a_name_cannot_change_and_all_else_can() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let refused = ada.patch("/users/me", json!({ "username": "countess" })).await;
    refused.is(503, "unavailable");
    assert!(refused.header("retry-after").is_some());
    ada.patch("/users/me", json!({ "bio": "Machines" })).await.has_status(200);
    let (busy_app, auth) = with_auth().await;
    auth.is(Mood::Busy);
    let bea = busy_app.user("bea").await;
    bea.patch("/users/me", json!({ "username": "countess" })).await.is(503, "unavailable");
    assert!(told(&app).await.iter().all(|profile| profile.username.is_none()));
}

/// The process died between the claim and the write: auth's event brings the name.
#[tokio::test]
async fn a_claim_that_was_not_written_comes_by_event() {
    let (app, ada, _) = TestApp::with_two_users().await;
    app.deliver(&contact(ada.id, "ada")).await.unwrap();
    app.clock.advance(SignedDuration::from_mins(1));
    let renamed = ContactChanged { version: 2, username: Some("countess".into()), ..contact(ada.id, "ada") };
    app.deliver(&renamed).await.unwrap();
    assert_eq!(ada.get("/users/me").await.json()["username"], "countess");
}

/// Auth told of the name given at registration while the owner had claimed another.
#[tokio::test]
async fn an_older_fact_does_not_take_a_newer_name_away() {
    let (app, _auth) = with_auth().await;
    let ada = app.user("ada").await;
    let late = app.envelope(&contact(ada.id, "ada"));
    app.clock.advance(SignedDuration::from_secs(2));
    ada.patch("/users/me", json!({ "username": "countess" })).await.has_status(200);
    app.deliver_envelope(&late).await.unwrap();
    let profile = ada.get("/users/me").await.json();
    assert_eq!((&profile["username"], &profile["full_name"]), (&json!("countess"), &json!("Ada Lovelace")));
}

/// One gave a name up, another claimed it, and the event about the first is still on its way.
#[tokio::test]
async fn a_name_given_up_passes_to_whoever_claims_it() {
    let (app, _auth) = with_auth().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    app.deliver(&contact(ada.id, "countess")).await.unwrap();
    app.clock.advance(SignedDuration::from_secs(2));
    let renamed = ContactChanged { version: 2, username: Some("ada".into()), ..contact(ada.id, "") };
    let on_its_way = app.envelope(&renamed);
    app.clock.advance(SignedDuration::from_secs(2));
    bob.patch("/users/me", json!({ "username": "countess" })).await.has_status(200);
    assert_eq!(ada.get("/users/me").await.json()["username"], json!(null), "nobody knows yet");
    app.deliver_envelope(&on_its_way).await.unwrap();
    let (hers, his) = (ada.get("/users/me").await.json(), bob.get("/users/me").await.json());
    assert_eq!((&hers["username"], &his["username"]), (&json!("ada"), &json!("countess")));
}

/// The old news that somebody has a name comes after somebody else was given it.
#[tokio::test]
async fn old_news_takes_a_name_from_nobody() {
    let (app, _auth) = with_auth().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let old = app.envelope(&contact(ada.id, "countess"));
    app.clock.advance(SignedDuration::from_secs(2));
    bob.patch("/users/me", json!({ "username": "countess" })).await.has_status(200);
    app.deliver_envelope(&old).await.unwrap();
    assert_eq!(bob.get("/users/me").await.json()["username"], "countess");
    let hers = ada.get("/users/me").await.json();
    assert_eq!((&hers["username"], &hers["full_name"]), (&json!(null), &json!("Ada Lovelace")));
}

/// Somebody else changes the profile while auth is asked: the claim is made again on top of that.
#[tokio::test]
async fn a_claim_under_way_loses_nothing_that_is_written_meanwhile() {
    let (app, auth) = with_auth().await;
    let ada = app.user("ada").await;
    ada.get("/users/me").await.has_status(200);
    auth.is(Mood::Slow);
    let claim = ada.patch("/users/me", json!({ "username": "countess" })).into_future();
    let (claimed, ()) = tokio::join!(claim, async {
        auth.reached.notified().await;
        ada.patch("/users/me", json!({ "bio": "Meanwhile" })).await.has_status(200);
        auth.is(Mood::Fair);
        auth.go_on.notify_one();
    });
    let profile = claimed.has_status(200).json();
    assert_eq!((&profile["username"], &profile["bio"]), (&json!("countess"), &json!("Meanwhile")));
    assert_eq!(auth.asked().len(), 2);
}
