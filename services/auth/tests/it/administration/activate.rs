//! PATCH /auth/users/{id}/activate.

use contracts::acts::{AdminAct, ReasonCode, UserReactivated};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{acts, because, below, latest};
use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, SignedIn, TestApp};

#[tokio::test]
async fn an_account_that_is_open_stays_as_it_is() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    let mark = app.mark().await;
    root.actor.patch(&below(ada.id, "activate"), because()).await.has_status(200);
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn its_owner_enters_as_before_and_what_was_open_before_stays_closed() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    app.forgets("ada").await.has_status(202);
    let link = app.secrets("reset_password", "ada").await.pop().unwrap();
    root.actor.patch(&below(ada.id, "deactivate"), because()).await.has_status(200);
    app.clock.advance(SignedDuration::from_secs(2));
    let reason = json!({ "reason": "Il avait raison." });
    let shown = root.actor.patch(&below(ada.id, "activate"), reason).await.has_status(200).json();
    assert_eq!((&shown["is_active"], &shown["deactivation"]), (&json!(true), &Value::Null));
    ada.actor.get("/auth/me").await.is(401, "token_revoked");
    app.refreshes(&ada.refresh).await.is(401, "refresh_invalid");
    app.resets(&link, NEW_PASSWORD).await.is(400, "token_invalid");
    let ada = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    ada.actor.get("/auth/me").await.has_status(200);
}

#[tokio::test]
async fn it_is_told_noted_and_mailed() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    root.actor.patch(&below(ada.id, "deactivate"), because()).await.has_status(200);
    app.clock.advance(SignedDuration::from_secs(2));
    let reason = json!({ "reason": "Il avait raison.", "reason_code": "request" });
    root.actor.patch(&below(ada.id, "activate"), reason).await.has_status(200);
    let told = app.emitted_of::<UserReactivated>().await;
    assert_eq!(told, [UserReactivated { user_id: ada.id, by: Some(root.id), reason_code: ReasonCode::Request }]);
    assert_eq!(acts(&app).await, [AdminAct::Deactivated, AdminAct::Activated]);
    assert_eq!(app.mails("ada").await.pop().unwrap().template, "account_activated");
    app.clock.advance(SignedDuration::from_secs(-1));
    let ada = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    assert_eq!(latest(&ada).await, ("admin_activated".into(), Some("Il avait raison.".into())));
    app.kept_no_word_of(&["raison".into()]).await;
}
