//! What somebody who is signed in shows once more, and until when he is.

use reqwest::Method;

use crate::factors::{enrols, has_app};
use crate::passkeys::authenticator::Device;
use crate::passkeys::{added_by, answers, asked};
use crate::support::{Deeds, TestApp};

/// Nobody who judges tokens has heard of it yet.
const ALL_ARE_OVER: &str = "UPDATE sessions SET ended_at = created_at, end_reason = 'logout' WHERE ended_at IS NULL";
const FACTORS: &str = "SELECT (SELECT count(*) FROM passkeys) * 100 + (SELECT count(*) FROM totp_factors) * 1000
    + (SELECT count(*) FROM recovery_codes WHERE used_at IS NULL)";

#[tokio::test]
async fn whose_session_ended_since_he_came_in_changes_no_factor() {
    let app = TestApp::start().await;
    let (ada, bob, device) = (has_app(&app, "ada").await.signed_in, app.signs_in("bob").await, Device::honest());
    let (_, passkey) = added_by(&ada.actor, &device).await;
    let passkey = format!("/auth/passkeys/{}", passkey["id"].as_str().unwrap());
    let question = asked(&ada.actor, "/auth/passkeys/options").await;
    let mark = app.mark().await;
    app.execute(ALL_ARE_OVER).await;
    answers(&ada.actor, "/auth/passkeys", &question, device.makes(&question).1).await.is(401, "token_revoked");
    ada.actor.delete(&passkey).await.is(401, "token_revoked");
    ada.actor.call(Method::POST, "/auth/mfa/recovery-codes").await.is(401, "token_revoked");
    ada.actor.delete("/auth/mfa/totp").await.is(401, "token_revoked");
    enrols(&bob).await.is(401, "token_revoked");
    assert_eq!(app.count(FACTORS).await, 1_110);
    app.emitted_nothing_since(mark).await;
}
