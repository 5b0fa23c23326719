//! POST /auth/verify-email.

use auth::accounts::verify_email::prove;
use auth::sessions::Visitor;
use contracts::auth::{ContactChanged, UserEmailVerified};
use jiff::SignedDuration;
use serde_json::json;

use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, TestApp, together};

#[tokio::test]
async fn a_program_proves_the_address_with_json() {
    let app = TestApp::start().await;
    app.registers("ada").await;
    let token = app.links("ada").await.pop().unwrap();
    let answer = app.nobody().post("/auth/verify-email", json!({ "token": token })).await;
    answer.has_status(200);
    assert_eq!(answer.json(), json!({ "verified": true }));
    let verified = app.emitted_of::<UserEmailVerified>().await;
    assert_eq!((verified.len(), verified[0].via.as_str()), (1, "link"));
    let contact = app.emitted_of::<ContactChanged>().await.pop().unwrap();
    assert_eq!((contact.email_verified, contact.version), (true, 2));
    assert_eq!(contact.full_name.as_deref(), Some("Ada Lovelace"));
    app.logs_in("ada", PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn a_person_proves_it_with_the_pages_button() {
    let app = TestApp::start().await;
    app.registers("ada").await;
    let token = app.links("ada").await.pop().unwrap();
    let press = || app.nobody().call(reqwest::Method::POST, "/auth/verify-email").form(&[("token", &token)]);
    let page = press().await;
    page.has_status(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.text().contains("Address verified"), "{page:?}");
    let again = press().await;
    again.has_status(400);
    assert_eq!(again.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(again.text().contains("Invalid link"), "{again:?}");
    assert_eq!(app.told::<UserEmailVerified>().await, 1);
}

#[tokio::test]
async fn a_link_works_once() {
    let app = TestApp::start().await;
    app.registers("ada").await;
    let token = app.links("ada").await.pop().unwrap();
    let calls = (0..20).map(|_| {
        let call = app.nobody().post("/auth/verify-email", json!({ "token": token }));
        async move { call.await.status }
    });
    let mut statuses = together(calls).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200], vec![400; 19]].concat());
    assert_eq!(app.told::<UserEmailVerified>().await, 1);
}

#[tokio::test]
async fn a_link_works_once_in_several_processes_as_well() {
    let app = TestApp::start().await;
    app.registers("ada").await;
    let token = app.links("ada").await.pop().unwrap();
    let (processes, visitor) = (app.processes(4).await, Visitor::default());
    let answers = together(processes.iter().map(|state| prove(state, &visitor, &token))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert_eq!(app.told::<UserEmailVerified>().await, 1);
}

#[tokio::test]
async fn a_link_works_for_a_day() {
    let app = TestApp::start().await;
    app.registers("ada").await;
    let token = app.links("ada").await.pop().unwrap();
    app.clock.advance(SignedDuration::from_hours(24));
    app.nobody().post("/auth/verify-email", json!({ "token": token })).await.is(410, "token_expired");
    app.clock.advance(SignedDuration::from_secs(-1));
    app.nobody().post("/auth/verify-email", json!({ "token": token })).await.has_status(200);
    app.clock.advance(SignedDuration::from_hours(25));
    app.nobody().post("/auth/verify-email", json!({ "token": token })).await.is(400, "token_invalid");
}

#[tokio::test]
async fn a_link_for_another_address_or_purpose_is_none() {
    let app = TestApp::start().await;
    app.registers("ada").await;
    let token = app.links("ada").await.pop().unwrap();
    app.execute("UPDATE users SET email = 'countess@example.org'").await;
    app.nobody().post("/auth/verify-email", json!({ "token": token })).await.is(400, "token_invalid");
    app.execute("UPDATE users SET email = 'ada@example.org'").await;
    app.execute("UPDATE email_tokens SET purpose = 'reset_password'").await;
    app.nobody().post("/auth/verify-email", json!({ "token": token })).await.is(400, "token_invalid");
}

#[tokio::test]
async fn what_is_no_secret_of_ours_is_refused_alike() {
    let app = TestApp::start().await;
    for token in ["", "x", "'; DROP TABLE users; --", &"A".repeat(43), &"é".repeat(43), &"A".repeat(10_000)] {
        app.nobody().post("/auth/verify-email", json!({ "token": token })).await.is(400, "token_invalid");
    }
    app.nobody().post("/auth/verify-email", json!({})).await.has_status(422);
}

#[tokio::test]
async fn browsers_of_whoever_registered_before_are_strangers_to_whoever_proves_it_with_another_password() {
    let app = TestApp::with(&[("AUTH_REQUIRE_VERIFIED_EMAIL", "false")]).await;
    app.registers("ada").await;
    app.logs_in("ada", PASSWORD).await.has_status(200);
    assert_eq!(app.count("SELECT count(*) FROM known_devices").await, 1);
    let again = json!({ "email": "ada@example.org", "password": NEW_PASSWORD });
    app.nobody().post("/auth/register", again).await.has_status(201);
    let token = app.links("ada").await.pop().unwrap();
    app.nobody().post("/auth/verify-email", json!({ "token": token })).await.has_status(200);
    assert_eq!(app.count("SELECT count(*) FROM known_devices").await, 0);
    app.logs_in("ada", PASSWORD).await.is(401, "invalid_credentials");
    app.logs_in("ada", NEW_PASSWORD).await.has_status(200);
}
