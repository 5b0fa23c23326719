//! POST /auth/accept-invitation.

use auth::accounts::accept_invitation::accept;
use auth::sessions::Visitor;
use contracts::auth::{ContactChanged, UserEmailVerified};
use jiff::SignedDuration;
use serde_json::json;
use testkit::Answer;

use crate::identities::{enters, is_asked, somebody};
use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, SignedIn, TestApp, address, together};

/// The secret that was mailed to grace, a coach to be.
async fn invited(app: &TestApp) -> String {
    let root = app.administers("root").await;
    let invitation = json!({ "email": address("grace"), "roles": ["coach"], "full_name": "Grace Hopper" });
    root.actor.post("/auth/users", invitation).await.has_status(201);
    app.secrets("invitation", "grace").await.pop().unwrap()
}

async fn accepts(app: &TestApp, token: &str, password: &str) -> Answer {
    app.nobody().post("/auth/accept-invitation", json!({ "token": token, "password": password })).await
}

#[tokio::test]
async fn what_is_no_secret_of_ours_is_refused_alike() {
    let app = TestApp::start().await;
    for token in ["", "x", "'; DROP TABLE users; --", &"A".repeat(43), &"é".repeat(43)] {
        accepts(&app, token, PASSWORD).await.is(400, "token_invalid");
    }
    app.nobody().post("/auth/accept-invitation", json!({ "token": "x" })).await.has_status(422);
}

#[tokio::test]
async fn a_link_for_another_purpose_is_none() {
    let app = TestApp::start().await;
    let token = invited(&app).await;
    app.resets(&token, NEW_PASSWORD).await.is(400, "token_invalid");
    app.nobody().post("/auth/verify-email", json!({ "token": token })).await.is(400, "token_invalid");
    app.forgets("grace").await.has_status(202);
    let reset = app.secrets("reset_password", "grace").await.pop().unwrap();
    accepts(&app, &reset, PASSWORD).await.is(400, "token_invalid");
    accepts(&app, &token, PASSWORD).await.has_status(204);
}

#[tokio::test]
async fn a_link_works_for_seven_days() {
    let app = TestApp::start().await;
    let token = invited(&app).await;
    app.clock.advance(SignedDuration::from_hours(7 * 24));
    accepts(&app, &token, PASSWORD).await.is(410, "token_expired");
    app.clock.advance(SignedDuration::from_secs(-1));
    accepts(&app, &token, PASSWORD).await.has_status(204);
}

#[tokio::test]
async fn a_password_that_is_refused_leaves_the_link_as_it_was() {
    let app = TestApp::start().await;
    let token = invited(&app).await;
    let mark = app.mark().await;
    for (password, reason) in [("seven77", "too_short"), ("Password123", "too_common"), ("hopper1234", "obvious")] {
        accepts(&app, &token, password).await.is(422, "weak_password").names("/password", reason);
    }
    app.emitted_nothing_since(mark).await;
    accepts(&app, &token, PASSWORD).await.has_status(204);
}

#[tokio::test]
async fn a_link_works_once() {
    let app = TestApp::start().await;
    let token = invited(&app).await;
    let mut statuses: Vec<u16> =
        together((0..20).map(|_| accepts(&app, &token, PASSWORD))).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![204], vec![400; 19]].concat());
}

#[tokio::test]
async fn a_link_works_once_in_several_processes_as_well() {
    let app = TestApp::start().await;
    let token = invited(&app).await;
    let (processes, visitor) = (app.processes(4).await, Visitor::default());
    let answers = together(processes.iter().map(|state| accept(state, &visitor, &token, PASSWORD))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'invitation_accepted'").await, 1);
}

#[tokio::test]
async fn whoever_accepts_enters_with_the_roles_that_were_given() {
    let app = TestApp::start().await;
    let token = invited(&app).await;
    accepts(&app, &token, PASSWORD).await.has_status(204);
    let grace = SignedIn::of(&app, &app.logs_in("grace", PASSWORD).await);
    let me = grace.actor.get("/auth/me").await.json();
    assert_eq!((&me["roles"], &me["is_verified"]), (&json!(["user", "coach"]), &json!(true)));
    assert_eq!(app.emitted_of::<UserEmailVerified>().await.pop().unwrap().via, "link");
    let contact = app.emitted_of::<ContactChanged>().await.pop().unwrap();
    assert_eq!((contact.email_verified, contact.full_name.as_deref()), (true, Some("Grace Hopper")));
    app.kept_no_word_of(&[token, PASSWORD.to_owned()]).await;
}

#[tokio::test]
async fn an_account_that_got_a_password_otherwise_has_no_use_for_its_invitation() {
    let app = TestApp::start().await;
    let token = invited(&app).await;
    app.forgets("grace").await.has_status(202);
    let reset = app.secrets("reset_password", "grace").await.pop().unwrap();
    app.resets(&reset, NEW_PASSWORD).await.has_status(204);
    accepts(&app, &token, PASSWORD).await.is(400, "token_invalid");
    app.logs_in("grace", NEW_PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn an_address_that_was_proven_meanwhile_is_proven_once() {
    let app = TestApp::start().await;
    let token = invited(&app).await;
    let told = app.told::<UserEmailVerified>().await;
    app.nobody().post("/auth/resend-verification", json!({ "email": address("grace") })).await.has_status(202);
    let proof = app.links("grace").await.pop().unwrap();
    app.nobody().post("/auth/verify-email", json!({ "token": proof })).await.has_status(200);
    accepts(&app, &token, PASSWORD).await.has_status(204);
    assert_eq!(app.told::<UserEmailVerified>().await, told + 1);
    app.logs_in("grace", PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn whoever_came_through_a_provider_has_no_use_for_the_invitation() {
    let app = TestApp::start().await;
    let token = invited(&app).await;
    let browser = is_asked(&app, &somebody("grace")).await;
    let link = app.secrets("link_identity", "grace").await.pop().unwrap();
    let call = app.nobody().post("/auth/link-identity", json!({ "token": link }));
    call.header("cookie", &format!("__Host-oauth-link={browser}")).await.has_status(200);
    accepts(&app, &token, PASSWORD).await.is(400, "token_invalid");
}

#[tokio::test]
async fn an_identity_that_is_attached_to_a_proven_account_ends_its_invitation() {
    let app = TestApp::start().await;
    let token = invited(&app).await;
    app.nobody().post("/auth/resend-verification", json!({ "email": address("grace") })).await.has_status(202);
    let proof = app.links("grace").await.pop().unwrap();
    app.nobody().post("/auth/verify-email", json!({ "token": proof })).await.has_status(200);
    enters(&app, &somebody("grace")).await;
    accepts(&app, &token, PASSWORD).await.is(400, "token_invalid");
}

#[tokio::test]
async fn who_was_in_the_account_already_is_signed_out_and_its_owner_told() {
    let app = TestApp::start().await;
    let token = invited(&app).await;
    app.nobody().post("/auth/resend-verification", json!({ "email": address("grace") })).await.has_status(202);
    let proof = app.links("grace").await.pop().unwrap();
    app.nobody().post("/auth/verify-email", json!({ "token": proof })).await.has_status(200);
    // As if there had been another way in.
    let of_root = "(SELECT password_hash FROM users WHERE email = 'root@example.org')";
    let grace = "WHERE email = 'grace@example.org'";
    app.execute(&format!("UPDATE users SET password_hash = {of_root} {grace}")).await;
    let inside = SignedIn::of(&app, &app.logs_in("grace", PASSWORD).await);
    app.execute(&format!("UPDATE users SET password_hash = NULL {grace}")).await;
    accepts(&app, &token, NEW_PASSWORD).await.has_status(204);
    inside.actor.get("/auth/me").await.is(401, "token_revoked");
    app.refreshes(&inside.refresh).await.is(401, "refresh_invalid");
    assert_eq!(app.mails("grace").await.pop().unwrap().template, "password_changed");
    let devices = "SELECT count(*) FROM known_devices d JOIN users u ON u.id = d.user_id WHERE u.email LIKE 'grace%'";
    assert_eq!(app.count(devices).await, 0);
}

#[tokio::test]
async fn a_person_chooses_it_with_the_pages_form() {
    let app = TestApp::start().await;
    let token = invited(&app).await;
    let send = |password: &str| {
        let call = app.nobody().call(reqwest::Method::POST, "/auth/accept-invitation");
        call.form(&[("token", &token), ("password", password)])
    };
    let weak = send("seven77").await;
    weak.has_status(422);
    assert!(weak.text().contains("At least 8 characters.") && !weak.text().contains("seven77"), "{weak:?}");
    assert!(weak.text().contains(&format!("name=\"token\" value=\"{token}\"")), "{weak:?}");
    let done = send(PASSWORD).await;
    done.has_status(200);
    assert!(done.text().contains("Password changed"), "{done:?}");
    let again = send(PASSWORD).await;
    again.has_status(400);
    assert!(again.text().contains("Invalid link"), "{again:?}");
    app.logs_in("grace", PASSWORD).await.has_status(200);
}
