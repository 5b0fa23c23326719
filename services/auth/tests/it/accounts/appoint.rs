//! Administrators, made from the command line.

use auth::accounts::appoint::{Appointed, Passwords, Refused, appoint};
use auth::passwords::{Rules, Scheme};
use contracts::auth::{Method, SessionRevoked, UserEmailVerified, UserRegistered, UserRoleChanged};
use contracts::{Role, Roles};
use jiff::SignedDuration;

use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, held, somebody_waits};

async fn appointed(app: &TestApp, email: &str, password: Option<&str>) -> Result<Appointed, Refused> {
    let rules = Rules::new(None, true, false);
    appoint(app.db(), &Passwords { rules: &rules, scheme: Scheme::Argon2id }, email, password).await
}

#[tokio::test]
async fn a_new_administrator_may_enter_at_once() {
    let app = TestApp::start().await;
    assert_eq!(appointed(&app, "Ada@example.org", Some(PASSWORD)).await.unwrap(), Appointed::Created);
    let login = app.logs_in("ada", PASSWORD).await;
    login.has_status(200);
    assert_eq!(login.json()["user"]["roles"], serde_json::json!(["user", "admin"]));
    assert_eq!(login.json()["user"]["is_admin"], true);
    assert_eq!(app.emitted_of::<UserRegistered>().await[0].method, Method::Invitation);
    assert_eq!(app.emitted_of::<UserEmailVerified>().await[0].via, "admin");
    assert_eq!(app.mails("ada").await.len(), 0);
}

#[tokio::test]
async fn an_account_that_is_there_is_promoted_and_keeps_its_password() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    assert_eq!(appointed(&app, "ada@example.org", None).await.unwrap(), Appointed::Promoted);
    assert_eq!(appointed(&app, "ada@example.org", None).await.unwrap(), Appointed::Already);
    let changed = app.emitted_of::<UserRoleChanged>().await.pop().unwrap();
    let user: Roles = [Role::User].into_iter().collect();
    assert_eq!((changed.old, changed.new, changed.by), (user, user.with(Role::Admin), None));
    let revoked = app.emitted_of::<SessionRevoked>().await.pop().unwrap();
    assert_eq!((revoked.user_id, revoked.not_before), (Some(ada.id), Some(changed.not_before)));
    app.logs_in("ada", PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn tokens_from_before_the_promotion_die_and_those_from_after_live() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    appointed(&app, "ada@example.org", None).await.unwrap();
    let revoked = app.emitted_of::<SessionRevoked>().await.pop().unwrap();
    app.state().verifier.revoke(&revoked, app.clock.now());
    ada.actor.get("/auth/me").await.is(401, "token_revoked");
    let fresh = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    let me = fresh.actor.get("/auth/me").await;
    me.has_status(200);
    assert_eq!(me.json()["is_admin"], true);
}

/// Tokens are old by when the account was locked, not by when the promotion began to wait for it.
#[tokio::test]
async fn a_token_that_is_made_while_the_promotion_waits_dies_with_the_others() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let held = held(&app, ada.id).await;
    let refresh = async {
        somebody_waits(&app).await;
        app.clock.advance(SignedDuration::from_secs(5));
        let between = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
        held.release().await;
        between
    };
    let promotion = appointed(&app, "ada@example.org", None);
    let (promoted, between) = futures_util::future::join(promotion, refresh).await;
    assert_eq!(promoted.unwrap(), Appointed::Promoted);
    let revoked = app.emitted_of::<SessionRevoked>().await.pop().unwrap();
    app.state().verifier.revoke(&revoked, app.clock.now());
    between.actor.get("/auth/me").await.is(401, "token_revoked");
}

#[tokio::test]
async fn an_address_that_nobody_proved_is_entered_by_the_password_that_is_given() {
    let app = TestApp::start().await;
    app.registers("ada").await;
    let needed = appointed(&app, "ada@example.org", None).await;
    assert!(matches!(needed, Err(Refused::PasswordNeeded)), "{needed:?}");
    let given = "given by the operator";
    assert_eq!(appointed(&app, "ada@example.org", Some(given)).await.unwrap(), Appointed::Promoted);
    app.logs_in("ada", PASSWORD).await.is(401, "invalid_credentials");
    app.logs_in("ada", given).await.has_status(200);
}

#[tokio::test]
async fn browsers_of_whoever_had_an_address_without_proof_are_strangers_afterwards() {
    let app = TestApp::with(&[("AUTH_REQUIRE_VERIFIED_EMAIL", "false")]).await;
    app.registers("ada").await;
    app.logs_in("ada", PASSWORD).await.has_status(200);
    assert_eq!(app.count("SELECT count(*) FROM known_devices").await, 1);
    assert_eq!(appointed(&app, "ada@example.org", Some("given by the operator")).await.unwrap(), Appointed::Promoted);
    assert_eq!(app.count("SELECT count(*) FROM known_devices").await, 0);
}

#[tokio::test]
async fn what_cannot_be_an_administrator_is_refused() {
    let app = TestApp::start().await;
    let refused = appointed(&app, "ada", Some(PASSWORD)).await;
    assert!(matches!(refused, Err(Refused::NotAnAddress)), "{refused:?}");
    let refused = appointed(&app, "ada@example.org", None).await;
    assert!(matches!(refused, Err(Refused::PasswordNeeded)), "{refused:?}");
    let refused = appointed(&app, "ada@example.org", Some("short")).await;
    assert!(matches!(refused, Err(Refused::WeakPassword("too_short"))), "{refused:?}");
    app.has_account("bob").await;
    app.execute("UPDATE users SET is_active = false").await;
    let refused = appointed(&app, "bob@example.org", None).await;
    assert!(matches!(refused, Err(Refused::Deactivated)), "{refused:?}");
    assert_eq!(app.count("SELECT count(*) FROM users WHERE 'admin' = ANY(roles)").await, 0);
}
