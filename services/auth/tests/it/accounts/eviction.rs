//! Who registered an address that is not his keeps nothing of the account once its owner comes.

use auth::accounts::appoint::{Appointed, Passwords, appoint};
use auth::passwords::{Rules, Scheme};
use serde_json::json;

use crate::factors::turns_on;
use crate::identities::{has_identity, is_asked, somebody};
use crate::passkeys::authenticator::Device;
use crate::passkeys::passkey_of;
use crate::providers::exchange::{code_for, exchanges};
use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, SignedIn, TestApp, address};

/// By what accounts are entered beside passwords, and what stands beside them.
const WAYS_IN: &str = "SELECT (SELECT count(*) FROM passkeys) + (SELECT count(*) FROM totp_factors)
    + (SELECT count(*) FROM recovery_codes) + (SELECT count(*) FROM identities WHERE subject LIKE '% of a stranger')";

pub async fn ways_in(app: &TestApp) -> i64 {
    app.count(WAYS_IN).await
}

/// Somebody who entered an account that nobody has proven, and made himself at home in it.
pub async fn equipped_by(app: &TestApp, name: &str, password: &str) -> SignedIn {
    let plain = SignedIn::of(app, &app.logs_in(name, password).await);
    let squatter = turns_on(app, plain).await.signed_in;
    passkey_of(&squatter.actor, &Device::honest()).await;
    has_identity(app, &squatter, "identity of a stranger").await;
    assert!(ways_in(app).await > 3);
    squatter.actor.get("/auth/me").await.has_status(200);
    squatter
}

/// A service that lets people in before they prove an address, with a stranger at ada's.
async fn squatted() -> (TestApp, SignedIn) {
    let app = TestApp::with(&[("AUTH_REQUIRE_VERIFIED_EMAIL", "false")]).await;
    app.registers("ada").await.has_status(201);
    let squatter = equipped_by(&app, "ada", PASSWORD).await;
    (app, squatter)
}

/// Nothing of his opens anything any more.
async fn is_out(app: &TestApp, squatter: &SignedIn, code: &str) {
    assert_eq!(ways_in(app).await, 0);
    assert_eq!(app.count("SELECT count(*) FROM known_devices").await, 0);
    squatter.actor.get("/auth/me").await.is(401, "token_revoked");
    app.refreshes(&squatter.refresh).await.is(401, "refresh_invalid");
    exchanges(app, code).await.is(400, "code_invalid");
    app.logs_in("ada", PASSWORD).await.is(401, "invalid_credentials");
}

#[tokio::test]
async fn an_owner_who_registers_once_more_and_proves_it_is_alone() {
    let (app, squatter) = squatted().await;
    let code = code_for(&app, &squatter).await;
    let again = json!({ "email": address("ada"), "password": NEW_PASSWORD });
    app.nobody().post("/auth/register", again).await.has_status(201);
    let token = app.links("ada").await.pop().unwrap();
    app.nobody().post("/auth/verify-email", json!({ "token": token })).await.has_status(200);
    is_out(&app, &squatter, &code).await;
    app.logs_in("ada", NEW_PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn an_owner_who_sets_a_new_password_by_mail_is_alone() {
    let (app, squatter) = squatted().await;
    let code = code_for(&app, &squatter).await;
    app.forgets("ada").await.has_status(202);
    let token = app.secrets("reset_password", "ada").await.pop().unwrap();
    app.resets(&token, NEW_PASSWORD).await.has_status(204);
    is_out(&app, &squatter, &code).await;
    app.logs_in("ada", NEW_PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn an_owner_who_comes_through_a_provider_is_alone() {
    let (app, squatter) = squatted().await;
    let code = code_for(&app, &squatter).await;
    let browser = is_asked(&app, &somebody("ada")).await;
    let token = app.secrets("link_identity", "ada").await.pop().unwrap();
    let call = app.nobody().post("/auth/link-identity", json!({ "token": token }));
    call.header("cookie", &format!("__Host-oauth-link={browser}")).await.has_status(200);
    is_out(&app, &squatter, &code).await;
    assert_eq!(app.count("SELECT count(*) FROM identities").await, 1, "the owner's");
}

#[tokio::test]
async fn an_administrator_whom_an_operator_appoints_is_alone() {
    let (app, squatter) = squatted().await;
    let code = code_for(&app, &squatter).await;
    let rules = Rules::new(None, true, false);
    let passwords = Passwords { rules: &rules, scheme: Scheme::Argon2id };
    let given = Some("given by the operator");
    let appointed = appoint(app.db(), &passwords, &address("ada"), given).await.unwrap();
    assert_eq!(appointed, Appointed::Promoted);
    assert_eq!(ways_in(&app).await, 0);
    app.refreshes(&squatter.refresh).await.is(401, "refresh_invalid");
    exchanges(&app, &code).await.is(400, "code_invalid");
    app.logs_in("ada", "given by the operator").await.has_status(200);
}

#[tokio::test]
async fn what_an_owner_made_stays_when_the_password_is_forgotten() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    equipped_by(&app, "ada", PASSWORD).await;
    let before = ways_in(&app).await;
    app.forgets("ada").await.has_status(202);
    let token = app.secrets("reset_password", "ada").await.pop().unwrap();
    app.resets(&token, NEW_PASSWORD).await.has_status(204);
    assert_eq!(ways_in(&app).await, before);
    app.logs_in("ada", NEW_PASSWORD).await.is(401, "mfa_required");
}
