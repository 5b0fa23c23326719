//! POST /auth/logout.

use auth::sessions::row::SessionRow;
use auth::{accounts, sessions};
use contracts::auth::SessionRevoked;
use db::Tx;
use reqwest::Method;
use serde_json::json;

use crate::support::{Deeds, PASSWORD, SignedIn, TestApp};

#[tokio::test]
async fn the_session_is_over_at_once_and_the_others_go_on() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let other = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    let answer = ada.actor.call(Method::POST, "/auth/logout").await;
    answer.has_status(204);
    assert_eq!(answer.header("clear-site-data"), Some("\"cache\", \"storage\""));
    let gone = "__Host-rt=; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=0";
    assert_eq!(answer.header("set-cookie"), Some(gone), "and the device stays known");
    ada.actor.get("/auth/me").await.is(401, "token_revoked");
    app.refreshes(&ada.refresh).await.is(401, "refresh_invalid");
    other.actor.get("/auth/me").await.has_status(200);
    app.refreshes(&other.refresh).await.has_status(200);
    let told = app.emitted_of::<SessionRevoked>().await;
    assert_eq!((told.len(), json!(told[0].sid)), (1, ada.claims()["sid"].clone()));
}

#[tokio::test]
async fn all_sessions_are_over_when_it_says_so() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let other = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    let bob = app.signs_in("bob").await;
    ada.actor.post("/auth/logout", json!({ "all": true })).await.has_status(204);
    for session in [&ada, &other] {
        session.actor.get("/auth/me").await.is(401, "token_revoked");
        app.refreshes(&session.refresh).await.is(401, "refresh_invalid");
    }
    bob.actor.get("/auth/me").await.has_status(200);
    let again = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    again.actor.get("/auth/me").await.has_status(200);
}

#[tokio::test]
async fn only_who_is_signed_in_signs_out() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.nobody().call(Method::POST, "/auth/logout").await.is(401, "unauthenticated");
    ada.actor.post("/auth/logout", json!({ "all": "yes" })).await.has_status(422);
    ada.actor.call(Method::POST, "/auth/logout").await.has_status(204);
    ada.actor.call(Method::POST, "/auth/logout").await.is(401, "token_revoked");
}

/// Whoever proves himself locks the account and then the session; whoever ends a session locks that, and then notes it
/// in the history of the account.
#[tokio::test]
async fn whoever_holds_the_account_keeps_nobody_from_ending_its_sessions() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await));
    }
    let session = ada.claims()["sid"].as_str().unwrap().parse().unwrap();
    let proven = app.db().tx(async |tx: &mut Tx| -> db::Result<Option<SessionRow>> {
        accounts::locked(tx, ada.id).await?;
        others[0].actor.call(Method::POST, "/auth/logout").await.has_status(204);
        let refresh = [("token", others[1].refresh.as_str())];
        app.nobody().call(Method::POST, "/auth/revoke").form(&refresh).await.has_status(200);
        let other = format!("/auth/sessions/{}", others[2].claims()["sid"].as_str().unwrap());
        ada.actor.delete(&other).await.has_status(204);
        ada.actor.post("/auth/logout", json!({ "all": true })).await.has_status(204);
        sessions::prove(tx, ada.id, session, &["pwd"]).await
    });
    assert!(proven.await.unwrap().is_none(), "it is over");
    assert_eq!(app.count("SELECT count(*) FROM sessions WHERE ended_at IS NULL").await, 0);
}
