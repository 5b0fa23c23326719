//! POST /auth/users/{id}/invitation.

use contracts::UserId;
use contracts::acts::AdminAct;
use reqwest::Method;
use serde_json::json;

use super::{acts, because, below};
use crate::identities::has_identity;
use crate::passkeys::equipped;
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, address};

async fn invited(app: &TestApp, root: &SignedIn) -> UserId {
    let invitation = json!({ "email": address("grace"), "roles": ["user"], "full_name": "Grace Hopper" });
    let made = root.actor.post("/auth/users", invitation).await;
    made.has_status(201);
    assert_eq!(app.secrets("invitation", "grace").await.len(), 1);
    made.id()
}

#[tokio::test]
async fn who_has_a_password_is_not_invited_again() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    let mark = app.mark().await;
    root.actor.call(Method::POST, &below(ada.id, "invitation")).await.is(409, "already_joined");
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn who_enters_without_a_password_is_not_invited_again_either() {
    let app = TestApp::start().await;
    let root = app.administers("root").await;
    let (ada, ..) = equipped(&app, "ada").await;
    let bob = app.signs_in("bob").await;
    let identity = has_identity(&app, &bob, "bob").await;
    app.execute("UPDATE users SET password_hash = NULL WHERE email <> 'root@example.org'").await;
    for who in [ada.id, bob.id] {
        root.actor.call(Method::POST, &below(who, "invitation")).await.is(409, "already_joined");
    }
    app.execute(&format!("DELETE FROM identities WHERE id = '{identity}'")).await;
    root.actor.call(Method::POST, &below(bob.id, "invitation")).await.has_status(202);
}

#[tokio::test]
async fn a_closed_account_is_not_invited_again() {
    let app = TestApp::start().await;
    let root = app.administers("root").await;
    let grace = invited(&app, &root).await;
    root.actor.patch(&below(grace, "deactivate"), because()).await.has_status(200);
    root.actor.call(Method::POST, &below(grace, "invitation")).await.is(409, "account_inactive");
    let link = app.secrets("invitation", "grace").await.remove(0);
    let body = json!({ "token": link, "password": PASSWORD });
    app.nobody().post("/auth/accept-invitation", body).await.is(400, "token_invalid");
}

#[tokio::test]
async fn the_newest_link_alone_works() {
    let app = TestApp::start().await;
    let root = app.administers("root").await;
    let grace = invited(&app, &root).await;
    let again = root.actor.call(Method::POST, &below(grace, "invitation")).await;
    assert_eq!(again.has_status(202).json()["invited_until"], "2026-01-20T09:30:00Z");
    let [old, new] = app.secrets("invitation", "grace").await.try_into().unwrap();
    for (token, status) in [(old, 400), (new, 204)] {
        let body = json!({ "token": token, "password": PASSWORD });
        app.nobody().post("/auth/accept-invitation", body).await.has_status(status);
    }
    assert_eq!(acts(&app).await, [AdminAct::Invited, AdminAct::InvitedAgain]);
    app.logs_in("grace", PASSWORD).await.has_status(200);
}
