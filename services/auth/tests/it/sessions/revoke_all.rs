//! DELETE /auth/sessions.

use contracts::auth::SessionRevoked;

use crate::support::{Deeds, PASSWORD, SignedIn, TestApp};

#[tokio::test]
async fn all_sessions_but_this_one_are_ended() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await));
    }
    ada.actor.delete("/auth/sessions?except=current").await.has_status(204);
    for other in others {
        other.actor.get("/auth/me").await.is(401, "token_revoked");
    }
    ada.actor.get("/auth/me").await.has_status(200);
    app.refreshes(&ada.refresh).await.has_status(200);
    assert_eq!(app.told::<SessionRevoked>().await, 3);
}

#[tokio::test]
async fn all_sessions_are_ended_where_none_is_to_stay() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let other = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    let bob = app.signs_in("bob").await;
    ada.actor.delete("/auth/sessions").await.has_status(204);
    for session in [&ada, &other] {
        session.actor.get("/auth/me").await.is(401, "token_revoked");
        app.refreshes(&session.refresh).await.is(401, "refresh_invalid");
    }
    bob.actor.get("/auth/me").await.has_status(200);
    assert_eq!(app.told::<SessionRevoked>().await, 2);
}

#[tokio::test]
async fn a_slip_of_the_pen_ends_nothing() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    for query in ["?except=", "?except=none", "?exept=current", "?except=current&all=true"] {
        ada.actor.delete(&format!("/auth/sessions{query}")).await.has_status(422);
    }
    ada.actor.get("/auth/me").await.has_status(200);
}
