//! PATCH /auth/users/{id}/unlock.

use contracts::acts::AdminAct;
use contracts::auth::UserUnlocked;
use serde_json::{Value, json};
use testkit::Answer;

use super::{acts, at, because, below};
use crate::support::{Deeds, PASSWORD, TestApp, together};

const QUIET: &str = "192.0.2.1";

/// A login by one of the account's names from an address.
async fn enters(app: &TestApp, by: Value, password: &str, from: &str) -> Answer {
    let mut body = by;
    body["password"] = password.into();
    app.nobody().post("/auth/login", body).header("x-forwarded-for", from).await
}

fn both() -> [Value; 2] {
    [json!({ "email": "ada@example.org" }), json!({ "username": "ada" })]
}

/// Somebody guesses until both names are locked from everywhere, and one network for each is locked as well.
async fn is_locked(app: &TestApp) {
    for by in both() {
        for n in 0..20 {
            let from = if n < 5 { "203.0.113.9".to_owned() } else { format!("198.51.{n}.1") };
            enters(app, by.clone(), "not her password", &from).await.is(401, "invalid_credentials");
        }
        enters(app, by, PASSWORD, QUIET).await.is(429, "too_many_attempts");
    }
}

#[tokio::test]
async fn an_account_that_is_not_locked_stays_as_it_is() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    let mark = app.mark().await;
    root.actor.patch(&below(ada.id, "unlock"), because()).await.has_status(200);
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn its_owner_enters_by_the_address_and_by_the_name_from_everywhere() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    app.has_account("bob").await;
    app.enters("bob", "not his password").header("x-forwarded-for", QUIET).await.has_status(401);
    is_locked(&app).await;
    let shown = root.actor.get(&at(ada.id)).await.json();
    assert_eq!(shown["locked_until"], "2026-01-13T09:45:00Z");
    assert_eq!(shown["kept_out_until"], "2026-01-13T09:31:00Z");
    let shown = root.actor.patch(&below(ada.id, "unlock"), because()).await.has_status(200).json();
    assert_eq!((&shown["locked_until"], &shown["kept_out_until"]), (&Value::Null, &Value::Null));
    for by in both() {
        for from in [QUIET, "203.0.113.9", "198.51.19.1"] {
            enters(&app, by.clone(), PASSWORD, from).await.has_status(200);
        }
    }
    let locked = "SELECT count(*) FROM users WHERE locked_until IS NOT NULL OR failed_login_attempts > 1";
    assert_eq!(app.count(locked).await, 0);
    assert_eq!(app.count("SELECT count(*) FROM login_failures WHERE origin = '192.0.2.0/24'").await, 1, "bob's");
}

#[tokio::test]
async fn codes_of_a_second_factor_may_be_tried_again_as_well() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    ada.actor.post("/auth/mfa/totp", json!({})).await.has_status(201);
    let confirm = || ada.actor.post("/auth/mfa/totp/confirm", json!({ "code": "none" }));
    for _ in 0..5 {
        confirm().await.has_status(422);
    }
    confirm().await.is(429, "too_many_attempts");
    root.actor.patch(&below(ada.id, "unlock"), because()).await.has_status(200);
    confirm().await.has_status(422);
}

#[tokio::test]
async fn it_is_told_once_with_its_cause() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    is_locked(&app).await;
    for _ in 0..2 {
        root.actor.patch(&below(ada.id, "unlock"), because()).await.has_status(200);
    }
    let told = app.emitted_of::<UserUnlocked>().await;
    assert_eq!(told, [UserUnlocked { user_id: ada.id, cause: "admin".into() }]);
    assert_eq!(acts(&app).await, [AdminAct::Unlocked]);
    let list = ada.actor.get("/auth/security-events?limit=100").await.json();
    let kinds: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "admin_unlocked").count(), 1, "{kinds:?}");
}

#[tokio::test]
async fn guesses_go_on_to_be_counted_while_it_is_lifted() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    is_locked(&app).await;
    let guesses = (0..10).map(|n| {
        let (app, from) = (&app, format!("198.51.{n}.1"));
        async move { enters(app, json!({ "email": "ada@example.org" }), "not her password", &from).await.status }
    });
    let unlocks = (0..5).map(|_| async { root.actor.patch(&below(ada.id, "unlock"), because()).await.status });
    let (guesses, unlocks) = futures_util::future::join(together(guesses), together(unlocks)).await;
    assert!(guesses.iter().all(|status| [401, 429].contains(status)), "{guesses:?}");
    assert_eq!(unlocks, [200; 5]);
}
