//! DELETE /auth/sessions/{id}.

use crate::support::{Deeds, PASSWORD, SignedIn, TestApp};

#[tokio::test]
async fn an_owner_ends_another_session() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let other = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    let path = format!("/auth/sessions/{}", other.claims()["sid"].as_str().unwrap());
    ada.actor.delete(&path).await.has_status(204);
    other.actor.get("/auth/me").await.is(401, "token_revoked");
    app.refreshes(&other.refresh).await.is(401, "refresh_invalid");
    ada.actor.get("/auth/me").await.has_status(200);
    ada.actor.delete(&path).await.is(404, "not_found");
}

#[tokio::test]
async fn somebody_elses_session_is_as_unknown_as_none() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    let path = format!("/auth/sessions/{}", ada.claims()["sid"].as_str().unwrap());
    let mark = app.mark().await;
    bob.actor.delete(&path).await.is(404, "not_found");
    bob.actor.delete("/auth/sessions/01970000-0000-7000-8000-000000000000").await.is(404, "not_found");
    bob.actor.delete("/auth/sessions/all").await.is(404, "not_found");
    app.emitted_nothing_since(mark).await;
    ada.actor.get("/auth/me").await.has_status(200);
}
