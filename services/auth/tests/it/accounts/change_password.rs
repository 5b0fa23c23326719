//! POST /auth/change-password.

use contracts::auth::{PasswordChanged, SessionRevoked};
use jiff::SignedDuration;
use serde_json::json;

use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, SignedIn, TestApp, together};

const WRONG: &str = "not her password";

#[tokio::test]
async fn who_does_not_know_the_current_one_changes_nothing() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let mark = app.mark().await;
    let wrong = app.changes_password(&ada, WRONG, NEW_PASSWORD).await;
    wrong.is(401, "invalid_credentials");
    assert_eq!(wrong.header("www-authenticate"), Some("Bearer"));
    app.changes_password(&ada, "", NEW_PASSWORD).await.is(401, "invalid_credentials");
    app.emitted_nothing_since(mark).await;
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'password_refused'").await, 2);
    ada.actor.get("/auth/me").await.has_status(200);
    app.logs_in("ada", PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn only_who_is_signed_in_changes_it() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let body = json!({ "current_password": PASSWORD, "new_password": NEW_PASSWORD });
    app.nobody().post("/auth/change-password", body.clone()).await.is(401, "unauthenticated");
    ada.actor.call(reqwest::Method::POST, "/auth/logout").await.has_status(204);
    ada.actor.post("/auth/change-password", body).await.is(401, "token_revoked");
    app.logs_in("ada", PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn the_current_one_cannot_be_guessed_from_wherever_it_is_tried() {
    let app = TestApp::with(&[("LIMIT_LOGIN", "5/min")]).await;
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    let tried = |current: &str, from: &str| {
        let body = json!({ "current_password": current, "new_password": NEW_PASSWORD });
        ada.actor.post("/auth/change-password", body).header("x-forwarded-for", from)
    };
    for n in 1..=5 {
        tried(WRONG, &format!("203.0.113.{n}")).await.is(401, "invalid_credentials");
    }
    let refused = tried(PASSWORD, "198.51.100.7").await;
    refused.is(429, "quota_exceeded");
    assert!(refused.header("retry-after").is_some());
    app.changes_password(&bob, PASSWORD, NEW_PASSWORD).await.has_status(204);
    app.logs_in("ada", PASSWORD).await.has_status(200);
    app.clock.advance(SignedDuration::from_secs(60));
    tried(PASSWORD, "198.51.100.7").await.has_status(204);
}

#[tokio::test]
async fn a_weak_one_or_the_same_is_refused_with_a_reason() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let mark = app.mark().await;
    let long = "x".repeat(129);
    for (password, reason) in [
        ("seven77", "too_short"),
        (long.as_str(), "too_long"),
        ("Password123", "too_common"),
        ("lovelace12", "obvious"),
        (PASSWORD, "unchanged"),
    ] {
        let refused = app.changes_password(&ada, PASSWORD, password).await;
        refused.is(422, "weak_password").names("/new_password", reason);
    }
    app.changes_password(&ada, &long, NEW_PASSWORD).await.is(422, "invalid").names("/current_password", "too_long");
    app.changes_password(&ada, WRONG, WRONG).await.is(401, "invalid_credentials");
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn all_other_sessions_end_and_this_one_goes_on() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let other = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    let bob = app.signs_in("bob").await;
    app.changes_password(&ada, PASSWORD, NEW_PASSWORD).await.has_status(204);
    other.actor.get("/auth/me").await.is(401, "token_revoked");
    app.refreshes(&other.refresh).await.is(401, "refresh_invalid");
    ada.actor.get("/auth/me").await.has_status(200);
    app.refreshes(&ada.refresh).await.has_status(200);
    bob.actor.get("/auth/me").await.has_status(200);
    let revoked = app.emitted_of::<SessionRevoked>().await;
    assert_eq!((revoked.len(), json!(revoked[0].sid)), (1, other.claims()["sid"].clone()));
    assert_eq!(app.count("SELECT count(*) FROM sessions WHERE end_reason = 'credential'").await, 1);
    app.logs_in("ada", PASSWORD).await.is(401, "invalid_credentials");
    app.logs_in("ada", NEW_PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn it_is_told_noted_and_mailed_to_the_owner_without_a_secret() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.changes_password(&ada, PASSWORD, NEW_PASSWORD).await.has_status(204);
    let [told] = app.emitted_of::<PasswordChanged>().await.try_into().unwrap();
    assert_eq!((told.user_id, json!(told.sid)), (ada.id, ada.claims()["sid"].clone()));
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'password_changed'").await, 1);
    let mail = app.mails("ada").await.pop().unwrap();
    assert_eq!((mail.template.as_str(), mail.user_id), ("password_changed", Some(ada.id)));
    assert!(!mail.params.contains_key("link"), "{mail:?}");
    app.kept_no_word_of(&[PASSWORD.to_owned(), NEW_PASSWORD.to_owned()]).await;
}

#[tokio::test]
async fn links_to_set_it_anew_become_void() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.has_account("bob").await;
    app.forgets("ada").await.has_status(202);
    app.forgets("bob").await.has_status(202);
    app.changes_password(&ada, PASSWORD, NEW_PASSWORD).await.has_status(204);
    let token = app.secrets("reset_password", "ada").await.pop().unwrap();
    app.resets(&token, PASSWORD).await.is(400, "token_invalid");
    let other = app.secrets("reset_password", "bob").await.pop().unwrap();
    app.resets(&other, NEW_PASSWORD).await.has_status(204);
}

#[tokio::test]
async fn of_two_who_change_it_at_once_one_does() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let other = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    let changes = [(&ada, NEW_PASSWORD), (&other, "neuf-chiens-jaunes")];
    let answers = together(changes.map(|(who, new)| app.changes_password(who, PASSWORD, new))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 401]);
    assert_eq!(app.told::<PasswordChanged>().await, 1);
}
