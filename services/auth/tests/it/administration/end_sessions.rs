//! DELETE /auth/users/{id}/sessions.

use contracts::acts::AdminAct;
use contracts::auth::SessionRevoked;
use jiff::SignedDuration;

use super::{acts, below, latest};
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp};

#[tokio::test]
async fn an_account_that_is_signed_in_nowhere_stays_as_it_is() {
    let app = TestApp::start().await;
    let root = app.administers("root").await;
    let ada = app.signs_in("ada").await;
    ada.actor.call(reqwest::Method::POST, "/auth/logout").await.has_status(204);
    let mark = app.mark().await;
    root.actor.delete(&below(ada.id, "sessions")).await.has_status(204);
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn an_account_is_signed_out_everywhere_and_may_come_back() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    let other = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    app.clock.advance(SignedDuration::from_secs(1));
    root.actor.delete(&below(ada.id, "sessions")).await.has_status(204);
    for session in [&ada, &other] {
        session.actor.get("/auth/me").await.is(401, "token_revoked");
        app.refreshes(&session.refresh).await.is(401, "refresh_invalid");
    }
    root.actor.get("/auth/me").await.has_status(200);
    assert_eq!((app.told::<SessionRevoked>().await, acts(&app).await), (2, vec![AdminAct::SessionsEnded]));
    app.clock.advance(SignedDuration::from_secs(-1));
    let back = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    assert_eq!(latest(&back).await.0, "admin_sessions_ended");
}
