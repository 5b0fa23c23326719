//! POST /auth/change-email.

use std::time::Duration;

use contracts::auth::{ContactChanged, EmailChanged};
use jiff::SignedDuration;
use serde_json::json;
use testkit::Call;
use tokio::time::Instant;

use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, SignedIn, TestApp, address};

const CHANGE: &str = "change_email";

fn with_password(who: &SignedIn, name: &str, password: &str) -> Call {
    who.actor.post("/auth/change-email", json!({ "new_email": address(name), "password": password }))
}

#[tokio::test]
async fn what_is_no_address_or_the_one_it_has_is_refused() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let mark = app.mark().await;
    for (email, reason) in [("", "not_an_email"), ("ada@", "not_an_email"), (" ADA@example.org", "unchanged")] {
        let refused = ada.actor.post("/auth/change-email", json!({ "new_email": email })).await;
        refused.is(422, "invalid").names("/new_email", reason);
    }
    let more = json!({ "new_email": address("countess"), "is_verified": true });
    ada.actor.post("/auth/change-email", more).await.has_status(422);
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn only_who_is_signed_in_asks_for_it() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let body = json!({ "new_email": address("countess"), "password": PASSWORD });
    app.nobody().post("/auth/change-email", body.clone()).await.is(401, "unauthenticated");
    ada.actor.call(reqwest::Method::POST, "/auth/logout").await.has_status(204);
    ada.actor.post("/auth/change-email", body).await.is(401, "token_revoked");
    assert_eq!(app.secrets(CHANGE, "countess").await.len(), 0);
}

#[tokio::test]
async fn ten_minutes_after_the_login_the_password_is_asked_for() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.clock.advance(SignedDuration::from_secs(599));
    app.asks_to_be(&ada, "countess").await.has_status(202);
    app.clock.advance(SignedDuration::from_secs(1));
    let refused = app.asks_to_be(&ada, "lovelace").await;
    refused.is(401, "step_up_required");
    let challenge = "Bearer error=\"insufficient_user_authentication\", max_age=600";
    assert_eq!(refused.header("www-authenticate"), Some(challenge));
    let fresh = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    app.asks_to_be(&fresh, "lovelace").await.is(401, "step_up_required");
    with_password(&ada, "lovelace", NEW_PASSWORD).await.is(401, "invalid_credentials");
    assert_eq!(app.secrets(CHANGE, "lovelace").await.len(), 0);
    with_password(&ada, "lovelace", PASSWORD).await.has_status(202);
    assert_eq!(app.secrets(CHANGE, "lovelace").await.len(), 1);
    let again = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    app.asks_to_be(&again, "countess").await.has_status(202);
}

#[tokio::test]
async fn a_password_that_is_given_is_right_or_nothing_happens_and_it_cannot_be_guessed() {
    let app = TestApp::with(&[("LIMIT_LOGIN", "5/min")]).await;
    let ada = app.signs_in("ada").await;
    let mark = app.mark().await;
    for _ in 0..3 {
        with_password(&ada, "countess", "not her password").await.is(401, "invalid_credentials");
    }
    for _ in 0..2 {
        app.changes_password(&ada, "not her password", NEW_PASSWORD).await.is(401, "invalid_credentials");
    }
    with_password(&ada, "countess", PASSWORD).await.is(429, "quota_exceeded");
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn an_address_that_has_an_account_gets_the_same_answer_and_its_owner_a_mail() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.has_account("bob").await;
    app.has_account("cleo").await;
    app.execute("UPDATE users SET is_active = false WHERE username = 'cleo'").await;
    let before = app.mails("cleo").await.len();
    for name in ["bob", "cleo", "eve"] {
        let answer = app.asks_to_be(&ada, name).await;
        answer.has_status(202);
        assert_eq!(answer.json(), json!({ "accepted": true }), "{name}");
    }
    assert_eq!(app.mails("bob").await.last().unwrap().template, "account_exists");
    assert_eq!(app.mails("cleo").await.len(), before, "a closed account hears nothing");
    assert_eq!(app.mails("eve").await.last().unwrap().template, CHANGE);
    for name in ["bob", "cleo"] {
        assert_eq!(app.secrets(CHANGE, name).await.len(), 0, "{name}");
    }
    let warnings = app.mails("ada").await;
    assert_eq!(warnings.iter().filter(|mail| mail.template == "email_change_requested").count(), 3);
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'email_change_requested'").await, 3);
    assert_eq!(app.told::<EmailChanged>().await, 0);
}

#[tokio::test]
async fn no_answer_comes_before_its_time() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.has_account("bob").await;
    for name in ["bob", "eve"] {
        let began = Instant::now();
        app.asks_to_be(&ada, name).await.has_status(202);
        assert!(began.elapsed() >= Duration::from_millis(250), "{name}: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn a_newer_request_makes_the_older_links_void_whether_its_address_is_free_or_not() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let carol = app.signs_in("carol").await;
    app.has_account("bob").await;
    app.asks_to_be(&carol, "lovelace").await.has_status(202);
    for newer in ["king", "bob"] {
        app.asks_to_be(&ada, "countess").await.has_status(202);
        let token = app.secrets(CHANGE, "countess").await.pop().unwrap();
        app.asks_to_be(&ada, newer).await.has_status(202);
        app.confirms(&token).await.is(400, "token_invalid");
    }
    let other = app.secrets(CHANGE, "lovelace").await.pop().unwrap();
    app.confirms(&other).await.has_status(200);
}

#[tokio::test]
async fn the_new_address_gets_a_link_for_a_day_and_the_current_one_a_warning() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let contacts = app.told::<ContactChanged>().await;
    let body = json!({ "new_email": " Countess@EXAMPLE.org" });
    let call = ada.actor.post("/auth/change-email", body).header("host", "evil.example");
    call.header("x-forwarded-host", "evil.example").await.has_status(202);
    let mail = app.mails("countess").await.pop().unwrap();
    assert_eq!((mail.template.as_str(), mail.user_id), (CHANGE, Some(ada.id)));
    let link = &mail.params["link"];
    assert!(link.starts_with("http://127.0.0.1:8080/api/v1/auth/change-email/confirm?token="), "{link}");
    assert_eq!(mail.expires_at, app.clock.now() + SignedDuration::from_hours(24));
    let warning = app.mails("ada").await.pop().unwrap();
    assert_eq!((warning.template.as_str(), warning.user_id), ("email_change_requested", Some(ada.id)));
    assert!(!warning.params.contains_key("link"), "{warning:?}");
    let secrets = app.secrets(CHANGE, "countess").await;
    assert_eq!(secrets[0].len(), 43);
    assert!(!mail.dedup_key.contains(&secrets[0]));
    app.kept_no_word_of(&secrets).await;
    assert_eq!(ada.actor.get("/auth/me").await.json()["email"], "ada@example.org", "nothing changed yet");
    assert_eq!(app.told::<ContactChanged>().await, contacts);
}

#[tokio::test]
async fn neither_an_address_nor_an_account_makes_more_mails_than_allowed() {
    let app = TestApp::with(&[("LIMIT_MAIL", "3/h")]).await;
    let (ada, bob, carol) = (app.signs_in("ada").await, app.signs_in("bob").await, app.signs_in("carol").await);
    for name in ["one", "two", "three"] {
        app.asks_to_be(&ada, name).await.has_status(202);
    }
    app.asks_to_be(&ada, "four").await.is(429, "quota_exceeded");
    for asker in [&bob, &bob, &carol] {
        app.asks_to_be(asker, "five").await.has_status(202);
    }
    app.asks_to_be(&carol, "five").await.is(429, "quota_exceeded");
}
