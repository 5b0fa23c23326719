//! GET /internal/revocations.

use jiff::SignedDuration;
use serde_json::Value;

use crate::support::{Deeds, PASSWORD, SignedIn, TestApp};

async fn revoked(app: &TestApp, query: &str) -> Vec<Value> {
    let answer = reqwest::get(format!("{}/internal/revocations{query}", app.internal_url())).await.unwrap();
    assert_eq!(answer.status(), 200);
    let json: Value = answer.json().await.unwrap();
    assert_eq!(json["as_of"], app.clock.now().to_string());
    json["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_verifier_that_missed_something_reads_it_until_no_token_needs_it() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    assert!(revoked(&app, "").await.is_empty());
    ada.actor.call(reqwest::Method::POST, "/auth/logout").await.has_status(204);
    let items = revoked(&app, "").await;
    assert_eq!((items.len(), &items[0]["sid"]), (1, &ada.claims()["sid"]));
    app.clock.advance(SignedDuration::from_mins(30));
    assert_eq!(revoked(&app, "").await.len(), 1);
    app.clock.advance(SignedDuration::from_mins(3));
    assert!(revoked(&app, "").await.is_empty());
}

#[tokio::test]
async fn only_what_is_newer_than_asked_is_told() {
    let app = TestApp::start().await;
    let first = app.signs_in("ada").await;
    first.actor.call(reqwest::Method::POST, "/auth/logout").await.has_status(204);
    app.clock.advance(SignedDuration::from_secs(60));
    let since = app.clock.now();
    let second = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    second.actor.call(reqwest::Method::POST, "/auth/logout").await.has_status(204);
    let items = revoked(&app, &format!("?since={since}")).await;
    assert_eq!((items.len(), &items[0]["sid"]), (1, &second.claims()["sid"]));
    assert_eq!(revoked(&app, "").await.len(), 2);
}

#[tokio::test]
async fn after_a_restart_an_ended_session_is_still_refused() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    ada.actor.call(reqwest::Method::POST, "/auth/logout").await.has_status(204);
    let keys = authn::Keys::of(app.state().keyring.published()).unwrap();
    let restarted = authn::Verifier::with_keys("http://auth.test", keys);
    restarted.verify(&ada.access, app.clock.now()).unwrap();
    let mut conn = app.db().conn().await.unwrap();
    let snapshot = auth::revocations::snapshot(&mut conn, None, app.clock.now()).await.unwrap();
    restarted.take_snapshot(&snapshot, app.clock.now());
    assert_eq!(restarted.verify(&ada.access, app.clock.now()).unwrap_err().code().code, "token_revoked");
}
