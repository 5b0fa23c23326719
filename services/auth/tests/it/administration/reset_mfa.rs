//! POST /auth/users/{id}/mfa-reset.

use contracts::acts::AdminAct;
use contracts::mail::Send;
use jiff::SignedDuration;
use serde_json::json;

use super::{WORDS, acts, at, because, below, latest};
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, device_of};

const FACTORS: &str = "SELECT (SELECT count(*) FROM totp_factors) + (SELECT count(*) FROM recovery_codes)
    + (SELECT count(*) FROM passkeys)";

/// Somebody has an app, two recovery codes and a passkey.
async fn has_factors(app: &TestApp, who: &SignedIn) {
    let user = who.id;
    app.execute(&format!(
        "INSERT INTO totp_factors (user_id, sealed_secret, created_at, confirmed_at, last_step)
             VALUES ('{user}', 'x', '2026-01-01Z', '2026-01-01Z', 0);
         INSERT INTO recovery_codes (user_id, code_hmac, created_at)
             VALUES ('{user}', 'a', '2026-01-01Z'), ('{user}', 'b', '2026-01-01Z');
         INSERT INTO passkeys (id, user_id, credential_id, credential, name, backed_up, created_at)
             VALUES ('{user}', '{user}', '{user}', '{{}}', 'Clé', false, '2026-01-01Z')"
    ))
    .await;
}

#[tokio::test]
async fn nobody_resets_his_own_and_who_has_none_keeps_his_sessions() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    let mark = app.mark().await;
    root.actor.post(&below(root.id, "mfa-reset"), because()).await.is(409, "own_account");
    root.actor.post(&below(ada.id, "mfa-reset"), because()).await.has_status(200);
    app.emitted_nothing_since(mark).await;
    ada.actor.get("/auth/me").await.has_status(200);
}

#[tokio::test]
async fn all_factors_go_with_all_sessions_and_the_password_opens_the_account() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let login = app.logs_in("ada", PASSWORD).await;
    let (ada, device) = (SignedIn::of(&app, &login), device_of(&login));
    let (bob, root) = (app.signs_in("bob").await, app.administers("root").await);
    for who in [&ada, &bob] {
        has_factors(&app, who).await;
    }
    app.logs_in("ada", PASSWORD).await.is(401, "mfa_required");
    app.clock.advance(SignedDuration::from_secs(1));
    let shown = root.actor.post(&below(ada.id, "mfa-reset"), because()).await.has_status(200).json();
    assert_eq!(shown["factors"], json!({ "totp": false, "recovery_codes": 0, "passkeys": 0 }));
    assert_eq!((&shown["sessions"], app.count(FACTORS).await), (&json!(0), 4), "bob's are there");
    ada.actor.get("/auth/me").await.is(401, "token_revoked");
    app.refreshes(&ada.refresh).await.is(401, "refresh_invalid");
    app.clock.advance(SignedDuration::from_secs(-1));
    let back = app.enters("ada", PASSWORD).header("cookie", &device).await;
    assert_ne!(device_of(&back), device, "its browsers are strangers");
    let back = SignedIn::of(&app, &back);
    assert_eq!(latest(&back).await, ("admin_mfa_reset".into(), Some(WORDS.into())));
    assert_eq!(acts(&app).await, [AdminAct::MfaReset]);
    assert!(app.mails("ada").await.iter().any(|mail| mail.template == "mfa_disabled"));
    app.kept_no_word_of(&["signalements".into()]).await;
}

/// Its address is free, and a word stands in its place.
#[tokio::test]
async fn an_account_that_is_being_erased_is_mailed_nothing() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    has_factors(&app, &ada).await;
    root.actor.call(reqwest::Method::DELETE, &at(ada.id)).json(because()).await.has_status(202);
    root.actor.post(&below(ada.id, "mfa-reset"), because()).await.has_status(200);
    assert_eq!(app.count(FACTORS).await, 0);
    let mails = app.emitted_of::<Send>().await;
    assert!(mails.iter().filter_map(|mail| mail.to.as_deref()).all(|to| to.contains('@')), "{mails:?}");
}
