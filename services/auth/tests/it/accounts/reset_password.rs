//! POST /auth/reset-password.

use auth::accounts::reset_password::reset;
use auth::sessions::Visitor;
use contracts::auth::{ContactChanged, PasswordResetCompleted, SessionRevoked, UserEmailVerified};
use jiff::SignedDuration;
use serde_json::json;
use testkit::{Answer, Call};

use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, SignedIn, TestApp, together};

/// A secret that was mailed to somebody who has an account.
async fn forgotten(app: &TestApp, name: &str) -> String {
    app.forgets(name).await.has_status(202);
    app.secrets("reset_password", name).await.pop().unwrap()
}

fn form(app: &TestApp, token: &str, password: &str) -> Call {
    let call = app.nobody().call(reqwest::Method::POST, "/auth/reset-password");
    call.form(&[("token", token), ("new_password", password)])
}

#[tokio::test]
async fn what_is_no_secret_of_ours_is_refused_alike() {
    let app = TestApp::start().await;
    for token in ["", "x", "'; DROP TABLE users; --", &"A".repeat(43), &"é".repeat(43), &"A".repeat(10_000)] {
        app.resets(token, NEW_PASSWORD).await.is(400, "token_invalid");
    }
    app.nobody().post("/auth/reset-password", json!({ "token": "x" })).await.has_status(422);
    let more = json!({ "token": "x", "new_password": NEW_PASSWORD, "email": "ada@example.org" });
    app.nobody().post("/auth/reset-password", more).await.has_status(422);
}

#[tokio::test]
async fn a_link_that_was_used_or_replaced_reads_as_one_that_never_was() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let replaced = forgotten(&app, "ada").await;
    let used = forgotten(&app, "ada").await;
    app.resets(&used, NEW_PASSWORD).await.has_status(204);
    let unknown = app.resets(&"A".repeat(43), NEW_PASSWORD).await;
    for token in [replaced, used] {
        let answer = app.resets(&token, NEW_PASSWORD).await;
        assert_eq!((answer.status, answer.snapshot()), (400, unknown.snapshot()));
    }
}

#[tokio::test]
async fn a_link_works_for_an_hour() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let token = forgotten(&app, "ada").await;
    app.clock.advance(SignedDuration::from_hours(1));
    app.resets(&token, NEW_PASSWORD).await.is(410, "token_expired");
    app.clock.advance(SignedDuration::from_secs(-1));
    app.resets(&token, NEW_PASSWORD).await.has_status(204);
    app.clock.advance(SignedDuration::from_hours(2));
    app.resets(&token, NEW_PASSWORD).await.is(400, "token_invalid");
}

#[tokio::test]
async fn a_link_for_another_purpose_or_address_is_none() {
    let app = TestApp::start().await;
    app.registers("ada").await;
    let proof = app.links("ada").await.pop().unwrap();
    app.resets(&proof, NEW_PASSWORD).await.is(400, "token_invalid");
    let token = forgotten(&app, "ada").await;
    app.nobody().post("/auth/verify-email", json!({ "token": token })).await.is(400, "token_invalid");
    app.execute("UPDATE users SET email = 'countess@example.org'").await;
    app.resets(&token, NEW_PASSWORD).await.is(400, "token_invalid");
    app.execute("UPDATE users SET email = 'ada@example.org'").await;
    app.resets(&token, NEW_PASSWORD).await.has_status(204);
}

#[tokio::test]
async fn a_link_opens_no_account_that_was_closed_meanwhile() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let token = forgotten(&app, "ada").await;
    app.execute("UPDATE users SET is_active = false").await;
    app.resets(&token, NEW_PASSWORD).await.is(400, "token_invalid");
    assert_eq!(app.told::<PasswordResetCompleted>().await, 0);
}

#[tokio::test]
async fn a_link_sets_the_password_of_its_own_account_alone() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.has_account("bob").await;
    let token = forgotten(&app, "bob").await;
    app.resets(&token, NEW_PASSWORD).await.has_status(204);
    app.logs_in("bob", NEW_PASSWORD).await.has_status(200);
    app.logs_in("ada", NEW_PASSWORD).await.is(401, "invalid_credentials");
    app.logs_in("ada", PASSWORD).await.has_status(200);
    ada.actor.get("/auth/me").await.has_status(200);
}

#[tokio::test]
async fn a_password_that_is_refused_leaves_the_link_as_it_was() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let token = forgotten(&app, "ada").await;
    let mark = app.mark().await;
    let long = "x".repeat(129);
    for (password, reason) in [
        ("seven77", "too_short"),
        ("Password123", "too_common"),
        ("lovelace12", "obvious"),
        ("huit-chevaux\0verts", "unprintable"),
        (long.as_str(), "too_long"),
    ] {
        app.resets(&token, password).await.is(422, "weak_password").names("/new_password", reason);
    }
    app.resets(&token, &"x".repeat(1024 * 1024)).await.is(413, "too_large");
    app.emitted_nothing_since(mark).await;
    ada.actor.get("/auth/me").await.has_status(200);
    app.resets(&token, NEW_PASSWORD).await.has_status(204);
}

#[tokio::test]
async fn a_link_works_once() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let token = forgotten(&app, "ada").await;
    let mut statuses: Vec<u16> = together((0..20).map(|_| app.resets(&token, NEW_PASSWORD)))
        .await
        .iter()
        .map(|answer: &Answer| answer.status)
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![204], vec![400; 19]].concat());
    assert_eq!(app.told::<PasswordResetCompleted>().await, 1);
}

#[tokio::test]
async fn a_link_works_once_in_several_processes_as_well() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let token = forgotten(&app, "ada").await;
    let (processes, visitor) = (app.processes(4).await, Visitor::default());
    let answers = together(processes.iter().map(|state| reset(state, &visitor, &token, NEW_PASSWORD))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert_eq!(app.told::<PasswordResetCompleted>().await, 1);
}

#[tokio::test]
async fn all_sessions_end_and_everybody_who_verifies_tokens_is_told() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let other = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    let bob = app.signs_in("bob").await;
    let token = forgotten(&app, "ada").await;
    app.resets(&token, NEW_PASSWORD).await.has_status(204);
    for session in [&ada, &other] {
        session.actor.get("/auth/me").await.is(401, "token_revoked");
        app.refreshes(&session.refresh).await.is(401, "refresh_invalid");
    }
    bob.actor.get("/auth/me").await.has_status(200);
    assert_eq!(app.told::<SessionRevoked>().await, 2);
    assert_eq!(app.count("SELECT count(*) FROM sessions WHERE end_reason = 'credential'").await, 2);
    app.logs_in("ada", PASSWORD).await.is(401, "invalid_credentials");
    SignedIn::of(&app, &app.logs_in("ada", NEW_PASSWORD).await).actor.get("/auth/me").await.has_status(200);
}

#[tokio::test]
async fn it_is_told_noted_and_mailed_to_the_owner_without_a_secret() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let token = forgotten(&app, "ada").await;
    app.resets(&token, NEW_PASSWORD).await.has_status(204);
    let told = app.emitted_of::<PasswordResetCompleted>().await;
    assert_eq!(told, [PasswordResetCompleted { user_id: ada.id, sid: None }]);
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'password_reset'").await, 1);
    let mail = app.mails("ada").await.pop().unwrap();
    assert_eq!((mail.template.as_str(), mail.user_id), ("password_changed", Some(ada.id)));
    assert!(!mail.params.contains_key("link"), "{mail:?}");
    app.kept_no_word_of(&[token, NEW_PASSWORD.to_owned()]).await;
    assert_eq!(app.told::<ContactChanged>().await, 2, "registered and proven: the address is the same");
}

#[tokio::test]
async fn an_address_that_nobody_had_proven_is_proven_by_it() {
    let app = TestApp::start().await;
    app.registers("ada").await;
    let proof = app.links("ada").await.pop().unwrap();
    let token = forgotten(&app, "ada").await;
    app.resets(&token, NEW_PASSWORD).await.has_status(204);
    let verified = app.emitted_of::<UserEmailVerified>().await;
    assert_eq!((verified.len(), verified[0].via.as_str()), (1, "link"));
    let contact = app.emitted_of::<ContactChanged>().await.pop().unwrap();
    assert_eq!((contact.email_verified, contact.version), (true, 2));
    assert_eq!(contact.full_name.as_deref(), Some("Ada Lovelace"));
    app.logs_in("ada", PASSWORD).await.is(401, "invalid_credentials");
    app.logs_in("ada", NEW_PASSWORD).await.has_status(200);
    app.nobody().post("/auth/verify-email", json!({ "token": proof })).await.has_status(200);
    app.logs_in("ada", NEW_PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn a_person_sets_it_with_the_pages_form() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let token = forgotten(&app, "ada").await;
    let weak = form(&app, &token, "seven77").await;
    weak.has_status(422);
    assert_eq!(weak.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(weak.text().contains("At least 8 characters."), "{weak:?}");
    assert!(weak.text().contains(&format!("name=\"token\" value=\"{token}\"")), "{weak:?}");
    assert!(!weak.text().contains("seven77"), "{weak:?}");
    let page = form(&app, &token, NEW_PASSWORD).await;
    page.has_status(200);
    assert!(page.text().contains("Password changed"), "{page:?}");
    let again = form(&app, &token, NEW_PASSWORD).await;
    again.has_status(400);
    assert_eq!(again.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(again.text().contains("Invalid link"), "{again:?}");
    app.logs_in("ada", NEW_PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn browsers_that_were_known_are_strangers_afterwards() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    app.logs_in("ada", PASSWORD).await.has_status(200);
    let token = forgotten(&app, "ada").await;
    assert_eq!(app.count("SELECT count(*) FROM known_devices").await, 1);
    app.resets(&token, NEW_PASSWORD).await.has_status(204);
    assert_eq!(app.count("SELECT count(*) FROM known_devices").await, 0);
}
