//! DELETE /auth/sessions?except=current.

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
async fn which_one_stays_has_to_be_said() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    for query in ["", "?except=", "?except=none"] {
        ada.actor.delete(&format!("/auth/sessions{query}")).await.has_status(422);
    }
    ada.actor.get("/auth/me").await.has_status(200);
}
