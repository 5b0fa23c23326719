//! DELETE /auth/users/{id}/sessions/{sid}.

use contracts::acts::AdminAct;
use jiff::SignedDuration;

use super::{acts, below, latest};
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp};

fn session(of: &SignedIn) -> String {
    format!("sessions/{}", of.claims()["sid"].as_str().unwrap())
}

#[tokio::test]
async fn a_session_of_another_account_is_not_found() {
    let app = TestApp::start().await;
    let (ada, bob, root) = (app.signs_in("ada").await, app.signs_in("bob").await, app.administers("root").await);
    root.actor.delete(&below(ada.id, &session(&bob))).await.is(404, "not_found");
    bob.actor.get("/auth/me").await.has_status(200);
    root.actor.delete(&below(ada.id, "sessions/mine")).await.is(404, "not_found");
    assert!(acts(&app).await.is_empty());
}

#[tokio::test]
async fn one_session_ends_and_the_others_go_on() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    let other = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    app.clock.advance(SignedDuration::from_secs(1));
    root.actor.delete(&below(ada.id, &session(&ada))).await.has_status(204);
    root.actor.delete(&below(ada.id, &session(&ada))).await.is(404, "not_found");
    ada.actor.get("/auth/me").await.is(401, "token_revoked");
    other.actor.get("/auth/me").await.has_status(200);
    assert_eq!(acts(&app).await, [AdminAct::SessionsEnded]);
    assert_eq!(latest(&other).await.0, "admin_sessions_ended");
}
