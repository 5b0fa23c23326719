//! POST /auth/users.

use contracts::acts::{AdminAct, AdminActed};
use contracts::auth::{ContactChanged, Method, UserRegistered, UserRoleChanged};
use contracts::{Language, Role};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::acts;
use crate::accounts::eviction::{equipped_by, ways_in};
use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, TestApp, address, together};

fn coach(name: &str) -> Value {
    json!({ "email": address(name), "roles": ["coach"], "locale": "en", "full_name": "Grace Hopper" })
}

#[tokio::test]
async fn what_cannot_be_invited_is_refused_with_all_its_faults() {
    let app = TestApp::start().await;
    let root = app.administers("root").await;
    let mark = app.mark().await;
    let all = json!({ "email": "grace", "roles": [], "locale": "de", "full_name": "x\u{202E}y" });
    let refused = root.actor.post("/auth/users", all).await;
    refused.is(422, "invalid").names("/email", "not_an_email").names("/roles", "missing");
    refused.names("/locale", "not_a_language").names("/full_name", "unprintable");
    let password = json!({ "email": address("grace"), "roles": ["user"], "password": PASSWORD });
    root.actor.post("/auth/users", password).await.is(422, "invalid").names("/password", "unknown_field");
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn an_address_that_has_an_account_is_told_to_be_taken() {
    let app = TestApp::start().await;
    let root = app.administers("root").await;
    app.has_account("ada").await;
    let mark = app.mark().await;
    root.actor.post("/auth/users", coach("ADA")).await.is(409, "email_taken");
    app.emitted_nothing_since(mark).await;
    app.logs_in("ada", PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn an_account_waits_for_its_owner_and_nobody_enters_it() {
    let app = TestApp::start().await;
    let root = app.administers("root").await;
    let answer = root.actor.post("/auth/users", coach("grace")).await;
    answer.has_status(201);
    insta::assert_json_snapshot!(answer.snapshot(), @r#"
    {
      "email": "grace@example.org",
      "id": "[id 1]",
      "invited_until": "2026-01-20T09:30:00Z",
      "is_verified": false,
      "roles": [
        "user",
        "coach"
      ],
      "tier": "FREE"
    }
    "#);
    let at = answer.header("location").unwrap().to_owned();
    let shown = root.actor.get(&at).await.has_status(200).json();
    assert_eq!((&shown["has_password"], &shown["full_name"]), (&json!(false), &json!("Grace Hopper")));
    for password in [PASSWORD, "", "null"] {
        app.logs_in("grace", password).await.is(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn it_is_told_noted_and_mailed() {
    let app = TestApp::start().await;
    let root = app.administers("root").await;
    root.actor.post("/auth/users", coach("grace")).await.has_status(201);
    let registered = app.emitted_of::<UserRegistered>().await.pop().unwrap();
    assert_eq!((registered.method, registered.locale), (Method::Invitation, Language::En));
    let contact = app.emitted_of::<ContactChanged>().await.pop().unwrap();
    assert_eq!((contact.email_verified, contact.full_name.as_deref()), (false, Some("Grace Hopper")));
    let changed = app.emitted_of::<UserRoleChanged>().await.pop().unwrap();
    assert!(changed.new.has(Role::Coach) && !changed.old.has(Role::Coach) && changed.by == Some(root.id));
    let acted = app.emitted_of::<AdminActed>().await.pop().unwrap();
    assert_eq!((acted.action, acted.actor, acted.target), (AdminAct::Invited, root.id, Some(registered.user_id)));
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'admin_invited'").await, 1);
    let [mail] = app.mails("grace").await.try_into().unwrap();
    assert_eq!((mail.template.as_str(), mail.params["name"].as_str()), ("invitation", "Grace Hopper"));
    let link = mail.params["link"].as_str();
    assert!(link.starts_with("http://127.0.0.1:8080/api/v1/auth/accept-invitation?token="), "{link}");
    assert_eq!(mail.expires_at, app.clock.now() + SignedDuration::from_hours(7 * 24));
    app.kept_no_word_of(&["Hopper".into(), app.secrets("invitation", "grace").await.remove(0)]).await;
}

#[tokio::test]
async fn of_many_who_invite_one_address_one_does() {
    let app = TestApp::start().await;
    let (root, other) = (app.administers("root").await, app.administers("other").await);
    let calls = [&root, &other].into_iter().cycle().take(20);
    let calls: Vec<_> = calls.map(|who| who.actor.post("/auth/users", coach("grace"))).collect();
    let mut statuses: Vec<u16> =
        together(calls.into_iter().map(|call| async move { call.await.status })).await.into_iter().collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![201], vec![409; 19]].concat());
    assert_eq!((app.mails("grace").await.len(), acts(&app).await.len()), (1, 1));
}

#[tokio::test]
async fn a_repeat_with_the_same_key_invites_nobody_twice() {
    let app = TestApp::start().await;
    let root = app.administers("root").await;
    let invite = |name: &str| root.actor.post("/auth/users", coach(name)).header("idempotency-key", "one");
    let first = invite("grace").await;
    let again = invite("grace").await;
    assert_eq!((first.status, again.status, first.json()), (201, 201, again.json()));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    invite("ada").await.is(422, "idempotency_mismatch");
    assert_eq!((app.mails("grace").await.len(), acts(&app).await.len()), (1, 1));
}

/// Else a stranger's password would open an account with whatever roles it was given, by the owner's own click.
#[tokio::test]
async fn who_registers_with_an_invited_address_gets_nothing_of_it() {
    let app = TestApp::start().await;
    let root = app.administers("root").await;
    root.actor.post("/auth/users", coach("grace")).await.has_status(201);
    let stranger = json!({ "email": address("grace"), "password": NEW_PASSWORD });
    app.nobody().post("/auth/register", stranger).await.has_status(201);
    assert_eq!(app.links("grace").await.len(), 0, "no link that would take the stranger's password over");
    assert_eq!(app.mails("grace").await.pop().unwrap().template, "account_exists");
    app.logs_in("grace", NEW_PASSWORD).await.is(401, "invalid_credentials");
}

#[tokio::test]
async fn what_a_stranger_registered_for_an_address_is_taken_over_by_its_invitation() {
    let app = TestApp::with(&[("AUTH_REQUIRE_VERIFIED_EMAIL", "false")]).await;
    let root = app.administers("root").await;
    let stranger = json!({ "email": address("grace"), "password": NEW_PASSWORD });
    for _ in 0..2 {
        app.nobody().post("/auth/register", &stranger).await.has_status(201);
    }
    let squatter = equipped_by(&app, "grace", NEW_PASSWORD).await;
    let links = app.links("grace").await;
    let made = root.actor.post("/auth/users", coach("grace")).await;
    assert_eq!((made.has_status(201).id(), made.json()["roles"].clone()), (squatter.id, json!(["user", "coach"])));
    squatter.actor.get("/auth/me").await.is(401, "token_revoked");
    app.refreshes(&squatter.refresh).await.is(401, "refresh_invalid");
    app.logs_in("grace", NEW_PASSWORD).await.is(401, "invalid_credentials");
    assert_eq!(ways_in(&app).await, 0);
    for link in links {
        app.nobody().post("/auth/verify-email", json!({ "token": link })).await.is(400, "token_invalid");
    }
    let changed = app.emitted_of::<UserRoleChanged>().await.pop().unwrap();
    assert_eq!((changed.user_id, changed.old.has(Role::Coach), changed.by), (squatter.id, false, Some(root.id)));
    root.actor.post("/auth/users", coach("grace")).await.is(409, "email_taken");
    let token = app.secrets("invitation", "grace").await.pop().unwrap();
    let acceptance = json!({ "token": token, "password": PASSWORD });
    app.nobody().post("/auth/accept-invitation", acceptance).await.has_status(204);
    assert_eq!(app.logs_in("grace", PASSWORD).await.has_status(200).json()["user"]["roles"], json!(["user", "coach"]));
}

#[tokio::test]
async fn of_many_who_invite_an_address_that_a_stranger_registered_one_does() {
    let app = TestApp::start().await;
    let (root, other) = (app.administers("root").await, app.administers("other").await);
    app.registers("grace").await.has_status(201);
    let calls = [&root, &other].into_iter().cycle().take(20);
    let calls: Vec<_> = calls.map(|who| who.actor.post("/auth/users", coach("grace"))).collect();
    let mut statuses = together(calls.into_iter().map(|call| async move { call.await.status })).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![201], vec![409; 19]].concat());
    assert_eq!(app.secrets("invitation", "grace").await.len(), 1);
}

#[tokio::test]
async fn an_account_that_was_closed_is_not_taken_over() {
    let app = TestApp::start().await;
    let root = app.administers("root").await;
    app.registers("grace").await.has_status(201);
    app.execute("UPDATE users SET is_active = false WHERE email = 'grace@example.org'").await;
    root.actor.post("/auth/users", coach("grace")).await.is(409, "email_taken");
}

#[tokio::test]
async fn one_administrator_has_so_many_mails_sent_a_day_and_no_more() {
    let app = TestApp::with(&[("LIMIT_ADMIN_MAIL", "2/d")]).await;
    let (root, other) = (app.administers("root").await, app.administers("other").await);
    for (name, status) in [("a", 201), ("b", 201), ("c", 429)] {
        root.actor.post("/auth/users", coach(name)).await.has_status(status);
    }
    other.actor.post("/auth/users", coach("c")).await.has_status(201);
}
