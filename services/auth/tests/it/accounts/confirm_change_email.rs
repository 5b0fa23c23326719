//! POST /auth/change-email/confirm.

use auth::accounts::confirm_change_email::confirm;
use auth::sessions::Visitor;
use contracts::auth::{ContactChanged, EmailChanged, SessionRevoked, UserEmailVerified};
use jiff::SignedDuration;
use serde_json::json;

use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, SignedIn, TestApp, address, together};

/// A secret that was mailed to `<new>@example.org`, which the account is to have.
async fn asked(app: &TestApp, who: &SignedIn, new: &str) -> String {
    app.asks_to_be(who, new).await.has_status(202);
    app.secrets("change_email", new).await.pop().unwrap()
}

#[tokio::test]
async fn what_is_no_secret_of_ours_is_refused_alike() {
    let app = TestApp::start().await;
    for token in ["", "x", "'; DROP TABLE users; --", &"A".repeat(43), &"é".repeat(43), &"A".repeat(10_000)] {
        app.confirms(token).await.is(400, "token_invalid");
    }
    app.nobody().post("/auth/change-email/confirm", json!({})).await.has_status(422);
}

#[tokio::test]
async fn a_link_for_another_purpose_is_none() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.registers("bob").await;
    let proof = app.links("bob").await.pop().unwrap();
    app.confirms(&proof).await.is(400, "token_invalid");
    app.forgets("ada").await.has_status(202);
    let reset = app.secrets("reset_password", "ada").await.pop().unwrap();
    app.confirms(&reset).await.is(400, "token_invalid");
    let token = asked(&app, &ada, "countess").await;
    app.resets(&token, NEW_PASSWORD).await.is(400, "token_invalid");
    app.nobody().post("/auth/verify-email", json!({ "token": token })).await.is(400, "token_invalid");
    app.confirms(&token).await.has_status(200);
}

#[tokio::test]
async fn a_link_works_for_a_day() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let token = asked(&app, &ada, "countess").await;
    app.clock.advance(SignedDuration::from_hours(24));
    app.confirms(&token).await.is(410, "token_expired");
    app.clock.advance(SignedDuration::from_secs(-1));
    app.confirms(&token).await.has_status(200);
    app.clock.advance(SignedDuration::from_hours(25));
    app.confirms(&token).await.is(400, "token_invalid");
}

#[tokio::test]
async fn an_address_that_somebody_got_meanwhile_reads_as_a_link_that_never_was() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    let (hers, his) = (asked(&app, &ada, "eve").await, asked(&app, &bob, "eve").await);
    app.confirms(&hers).await.has_status(200);
    let mark = app.mark().await;
    let late = app.confirms(&his).await;
    late.is(400, "token_invalid");
    assert_eq!(late.snapshot(), app.confirms(&"A".repeat(43)).await.snapshot());
    app.emitted_nothing_since(mark).await;
    assert_eq!(bob.actor.get("/auth/me").await.json()["email"], "bob@example.org");
}

#[tokio::test]
async fn a_link_opens_no_account_that_was_closed_meanwhile() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let token = asked(&app, &ada, "countess").await;
    app.execute("UPDATE users SET is_active = false").await;
    app.confirms(&token).await.is(400, "token_invalid");
    assert_eq!(app.told::<EmailChanged>().await, 0);
}

#[tokio::test]
async fn another_password_makes_the_request_void() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    let (hers, his) = (asked(&app, &ada, "countess").await, asked(&app, &bob, "robert").await);
    app.changes_password(&ada, PASSWORD, NEW_PASSWORD).await.has_status(204);
    app.forgets("bob").await.has_status(202);
    let reset = app.secrets("reset_password", "bob").await.pop().unwrap();
    app.resets(&reset, NEW_PASSWORD).await.has_status(204);
    for token in [hers, his] {
        app.confirms(&token).await.is(400, "token_invalid");
    }
}

#[tokio::test]
async fn what_was_asked_for_before_the_owner_came_is_void() {
    let app = TestApp::with(&[("AUTH_REQUIRE_VERIFIED_EMAIL", "false")]).await;
    app.registers("ada").await;
    let eve = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    let token = asked(&app, &eve, "eve").await;
    let hers = json!({ "email": address("ada"), "password": NEW_PASSWORD });
    app.nobody().post("/auth/register", hers).await.has_status(201);
    let proof = app.links("ada").await.pop().unwrap();
    app.nobody().post("/auth/verify-email", json!({ "token": proof })).await.has_status(200);
    app.confirms(&token).await.is(400, "token_invalid");
    eve.actor.get("/auth/me").await.is(401, "token_revoked");
}

#[tokio::test]
async fn a_link_works_once() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let token = asked(&app, &ada, "countess").await;
    let answers = together((0..20).map(|_| app.confirms(&token))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200], vec![400; 19]].concat());
    assert_eq!(app.told::<EmailChanged>().await, 1);
}

#[tokio::test]
async fn a_link_works_once_in_several_processes_as_well() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let token = asked(&app, &ada, "countess").await;
    let (processes, visitor) = (app.processes(4).await, Visitor::default());
    let answers = together(processes.iter().map(|state| confirm(state, &visitor, &token))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert_eq!(app.told::<EmailChanged>().await, 1);
}

#[tokio::test]
async fn the_account_has_its_new_address_and_its_sessions_go_on() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let token = asked(&app, &ada, "countess").await;
    let answer = app.confirms(&token).await;
    answer.has_status(200);
    assert_eq!(answer.json(), json!({ "email": "countess@example.org" }));
    let me = ada.actor.get("/auth/me").await.json();
    assert_eq!((&me["email"], &me["is_verified"]), (&json!("countess@example.org"), &json!(true)));
    app.refreshes(&ada.refresh).await.has_status(200);
    assert_eq!(app.told::<SessionRevoked>().await, 0);
    app.logs_in("ada", PASSWORD).await.is(401, "invalid_credentials");
    app.logs_in("countess", PASSWORD).await.has_status(200);
    app.registers("ada").await.is(409, "username_taken");
    let free = json!({ "email": address("ada"), "password": PASSWORD });
    app.nobody().post("/auth/register", free).await.has_status(201);
    assert_eq!(app.mails("ada").await.pop().unwrap().template, "verify_email", "the old address is free");
}

#[tokio::test]
async fn it_is_told_noted_and_mailed_to_both_addresses_without_a_secret() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let token = asked(&app, &ada, "countess").await;
    app.confirms(&token).await.has_status(200);
    assert_eq!(app.emitted_of::<EmailChanged>().await, [EmailChanged { user_id: ada.id, sid: None }]);
    let contact = app.emitted_of::<ContactChanged>().await.pop().unwrap();
    assert_eq!((contact.email.as_str(), contact.version), ("countess@example.org", 3));
    assert_eq!((contact.email_verified, contact.full_name.as_deref()), (true, Some("Ada Lovelace")));
    assert_eq!(app.told::<UserEmailVerified>().await, 1, "when she signed up");
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'email_changed'").await, 1);
    let mut keys = Vec::new();
    for name in ["ada", "countess"] {
        let mail = app.mails(name).await.pop().unwrap();
        assert_eq!((mail.template.as_str(), mail.user_id), ("email_changed", Some(ada.id)), "{name}");
        assert!(!mail.params.contains_key("link"), "{mail:?}");
        keys.push(mail.dedup_key);
    }
    assert_ne!(keys[0], keys[1], "two mails");
    app.kept_no_word_of(&[token]).await;
}

#[tokio::test]
async fn links_that_were_mailed_to_the_old_address_become_void() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.forgets("ada").await.has_status(202);
    let reset = app.secrets("reset_password", "ada").await.pop().unwrap();
    let token = asked(&app, &ada, "countess").await;
    app.confirms(&token).await.has_status(200);
    app.resets(&reset, NEW_PASSWORD).await.is(400, "token_invalid");
    app.forgets("ada").await.has_status(202);
    assert_eq!(app.secrets("reset_password", "ada").await.len(), 1, "nobody is there any more");
    app.forgets("countess").await.has_status(202);
    let reset = app.secrets("reset_password", "countess").await.pop().unwrap();
    app.resets(&reset, NEW_PASSWORD).await.has_status(204);
    app.logs_in("countess", NEW_PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn an_account_that_had_proven_none_has_a_proven_address_by_it() {
    let app = TestApp::with(&[("AUTH_REQUIRE_VERIFIED_EMAIL", "false")]).await;
    app.registers("ada").await;
    let proof = app.links("ada").await.pop().unwrap();
    let ada = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    let token = asked(&app, &ada, "countess").await;
    app.confirms(&token).await.has_status(200);
    assert_eq!(ada.actor.get("/auth/me").await.json()["is_verified"], true);
    assert_eq!(app.told::<UserEmailVerified>().await, 1);
    app.nobody().post("/auth/verify-email", json!({ "token": proof })).await.is(400, "token_invalid");
}

#[tokio::test]
async fn a_person_confirms_it_with_the_pages_button() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let token = asked(&app, &ada, "countess").await;
    let call = || app.nobody().call(reqwest::Method::POST, "/auth/change-email/confirm");
    let page = call().form(&[("token", &token)]).await;
    page.has_status(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.text().contains("Address changed"), "{page:?}");
    let again = call().form(&[("token", &token)]).await;
    again.has_status(400);
    assert!(again.text().contains("Invalid link"), "{again:?}");
    assert_eq!(app.told::<EmailChanged>().await, 1);
}
