//! gdpr.export.requested.v1: this service's own part.

use contracts::UserId;
use testkit::Sent;

use crate::support::{Deeds, TestApp};

const fn sent(file: &'static str, table: &'static str, withheld: &'static [&'static str]) -> Sent {
    Sent { file, table, withheld }
}

/// What is withheld is a digest or a salt, or is another's.
const PEOPLE: [Sent; 25] = [
    sent("account", "users", &["password_hash"]),
    sent("profile", "profiles", &[]),
    sent("sessions", "sessions", &["family_salt"]),
    sent("refresh_tokens", "refresh_tokens", &["token_hash"]),
    // One token is nobody's by name: those of a person are revoked by session or account.
    sent("revocations", "revocations", &["token_id"]),
    sent("devices", "known_devices", &["token_hash"]),
    sent("links", "email_tokens", &["token_hash", "password_hash"]),
    sent("security_events", "security_events", &["identifier_hmac", "ip_hmac"]),
    sent("failed_logins", "login_failures", &["identifier_hmac"]),
    // Whom the provider means may be somebody else, until the link is used.
    sent("linked_identities", "identity_requests", &["token_hash", "subject", "browser_hash"]),
    sent("identities", "identities", &[]),
    sent("exchange_codes", "exchange_codes", &["code_hash", "code_challenge"]),
    // Nor who vouched for whom before the owner has confirmed it.
    sent("identity_codes", "identity_codes", &["code_hash", "code_challenge", "subject", "email"]),
    sent("totp", "totp_factors", &["sealed_secret"]),
    sent("recovery_codes", "recovery_codes", &["code_hmac"]),
    sent("challenges", "mfa_challenges", &["token_hash"]),
    sent("passkeys", "passkeys", &["credential_id", "credential"]),
    sent("passkey_ceremonies", "passkey_ceremonies", &["ticket_hash", "state"]),
    sent("deactivations", "deactivations", &["actor_id"]),
    sent("grants", "tier_grants", &["granted_by"]),
    sent("customers", "stripe_customers", &[]),
    sent("payments", "stripe_events", &["claimed_user_id"]),
    sent("subscriptions", "user_subscriptions", &[]),
    sent("exports", "exports", &[]),
    sent("erasures", "erasures", &["receipt_hash", "pseudonym", "sealed_address", "requested_by"]),
];

/// Tables that say nothing of a person but what another one says: the parts of the archive itself, and answers that are
/// kept for a day against repeats, under the digest of an address. Of an erasure that was begun nobody asks any more.
const WITHOUT: [&str; 8] = [
    "erasure_steps",
    "export_parts",
    "export_services",
    "gdpr_participants",
    "idempotency_keys",
    "provider_returns",
    "signing_keys",
    "used_assertions",
];

/// Fills whatever a person's rows leave empty, and adds a row of every other table.
async fn fill(app: &TestApp, user: UserId, name: &str) {
    let at = "2026-01-01Z";
    let tracked = app.state().secrets.track(&format!("{name}@example.org"));
    let rows = format!(
        "UPDATE users SET locked_until = '{at}', tokens_not_before = '{at}', tier_until = '{at}' WHERE id = '{user}';
         UPDATE profiles SET full_name = '{name} L.', profile_picture_url = 'https://example.org/{name}',
             preferences = '{{\"of\": \"{name}\"}}' WHERE user_id = '{user}';
         UPDATE sessions SET ended_at = '{at}', end_reason = 'logout', ip_prefix = '203.0.113.0/24',
             seen_ip_prefix = '203.0.113.0/24', device = 'device of {name}' WHERE user_id = '{user}';
         UPDATE refresh_tokens SET used_at = '{at}' WHERE session_id IN (SELECT id FROM sessions WHERE user_id = '{user}');
         INSERT INTO revocations SELECT id, id, NULL, NULL, NULL, '{at}', '{at}' FROM sessions WHERE user_id = '{user}';
         INSERT INTO revocations VALUES ('{user}', NULL, NULL, '{user}', '{at}', '{at}', '{at}');
         UPDATE email_tokens SET password_hash = '$argon2id$' WHERE user_id = '{user}';
         INSERT INTO security_events SELECT '{user}', '{user}', 'login_failed', id, 'why', 'device of {name}',
             '203.0.113.0/24', 'hmac', 'hmac', '{at}' FROM sessions WHERE user_id = '{user}';
         INSERT INTO login_failures VALUES ('{tracked}', '203.0.113.0/24', '{{{at}}}', '{at}'),
             ('{tracked}', 'device:5ec7e7', '{{{at}}}', '{at}');
         INSERT INTO erasures VALUES ('{user}', '{user}', 'CANCELLED', 'hmac', 'hmac', NULL, true, true, 'fr', '{user}',
             '{at}', '{at}', '{at}', '{at}', '{at}', '{at}', '{at}', '{at}', '{user}');
         INSERT INTO exports VALUES ('{user}', '{user}', 'READY', 1, '{at}', '{at}', '{at}', '{at}')"
    );
    app.execute(&rows).await;
    app.execute(&proofs_and_payments(user, name)).await;
}

/// What an account is entered by beside a password, and what it has.
pub fn proofs_and_payments(user: UserId, name: &str) -> String {
    let at = "2026-01-01Z";
    format!(
        "INSERT INTO identity_requests SELECT token_hash, 'google', 'https://provider.example', 'hmac', 'hmac'
             FROM email_tokens WHERE user_id = '{user}';
         INSERT INTO identities VALUES ('{user}', '{user}', 'google', 'https://provider.example', '{name} there',
             '{name}@example.org', '{at}', '{at}');
         INSERT INTO exchange_codes VALUES ('{name}', '{user}', 'hmac', '{at}', '{at}', '{at}');
         INSERT INTO identity_codes VALUES ('{name}', '{user}', 'hmac', 'google', 'https://provider.example', 'hmac', 'hmac',
             '{at}', '{at}', '{at}');
         INSERT INTO totp_factors VALUES ('{user}', 'hmac', '{at}', '{at}', 1);
         INSERT INTO recovery_codes VALUES ('{user}', 'hmac', '{at}', '{at}');
         INSERT INTO mfa_challenges VALUES ('{name}', '{user}', 1, '{{pwd}}', 'device of {name}', 0, '{at}', '{at}', '{at}');
         INSERT INTO passkeys VALUES ('{user}', '{user}', '{name}', '{{\"of\": \"hmac\"}}', 'key of {name}', true, '{at}',
             '{at}');
         INSERT INTO passkey_ceremonies VALUES ('{name}', '{user}', 'register', '{{\"of\": \"hmac\"}}', '{at}', '{at}',
             '{at}');
         INSERT INTO deactivations VALUES ('{user}', '{user}', 'other', 'why', '{at}');
         INSERT INTO tier_grants VALUES ('{user}', 'PREMIUM', '{at}', '{user}', '{at}');
         INSERT INTO stripe_customers VALUES ('cus_{name}', '{user}', '{at}');
         INSERT INTO stripe_events VALUES ('evt_{name}', 'cus_{name}', 'sub_{name}', 'updated', '{at}', '{user}', 'active',
             'monthly', '{at}', true, '{at}', '{at}');
         INSERT INTO user_subscriptions VALUES ('{user}', '{user}', 'stripe', 'cus_{name}', 'sub_{name}', 'active',
             'monthly', '{at}', true, '{at}', '{at}', '{at}', '{at}', '{at}', '{at}')"
    )
}

#[tokio::test]
async fn every_column_is_sent_but_secrets_and_nothing_of_others() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    fill(&app, ada.id, "ada").await;
    fill(&app, bob.id, "bob").await;
    let files = app.exports("auth", ada.id).await;
    app.sends_every_column(&files, &PEOPLE, &WITHOUT).await;
    let text = format!("{files:?}");
    for word in ["bob", &bob.id.to_string(), "argon2", "\\\\x", "hmac", "5ec7e7"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    assert_eq!(files["account"]["email"], "ada@example.org");
    let origins: Vec<_> = files["failed_logins"].as_array().unwrap().iter().map(|one| &one["origin"]).collect();
    assert!(
        origins.contains(&&serde_json::json!("203.0.113.0/24"))
            && origins.contains(&&serde_json::json!("known device")),
        "{origins:?}"
    );
    assert_eq!(files["revocations"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn of_somebody_who_is_not_there_nothing_is_known() {
    let app = TestApp::start().await;
    let files = app.exports("auth", UserId::at(app.clock.now())).await;
    assert_eq!(files["account"], serde_json::Value::Null);
    assert_eq!(files["sessions"], serde_json::json!([]));
}
