//! What this service itself knows of an account, and how it forgets: a part at once, the rest last of all.

use contracts::UserId;
use db::Tx;
use gdpr::Erased;

use super::queries;
use super::row::ErasureRow;
use crate::accounts::row::UserRow;
use crate::accounts::rules::Identifier;
use crate::secrets::Secrets;
use crate::{accounts, locks};

/// This service, whose turn is last.
pub const SERVICE: &str = "auth";

/// What is of no use as soon as nobody enters any more. The account's row stays until the end, by its id alone. What its
/// owner is known by elsewhere, and proves himself by, is free for an account of tomorrow.
const AT_ONCE: [(&str, &str); 11] = [
    ("links", "DELETE FROM email_tokens WHERE user_id = $1"),
    ("devices", "DELETE FROM known_devices WHERE user_id = $1"),
    ("profiles", "DELETE FROM profiles WHERE user_id = $1"),
    ("identities", "DELETE FROM identities WHERE user_id = $1"),
    ("exchange_codes", "DELETE FROM exchange_codes WHERE user_id = $1"),
    ("identity_codes", "DELETE FROM identity_codes WHERE user_id = $1"),
    ("passkeys", "DELETE FROM passkeys WHERE user_id = $1"),
    ("passkey_ceremonies", "DELETE FROM passkey_ceremonies WHERE user_id = $1"),
    ("totp_factors", "DELETE FROM totp_factors WHERE user_id = $1"),
    ("recovery_codes", "DELETE FROM recovery_codes WHERE user_id = $1"),
    ("mfa_challenges", "DELETE FROM mfa_challenges WHERE user_id = $1"),
];

/// What is counted at the end. Whatever else belongs to an account goes with its row.
const LAST: [(&str, &str); 7] = [
    ("links", "DELETE FROM email_tokens WHERE user_id = $1"),
    ("devices", "DELETE FROM known_devices WHERE user_id = $1"),
    ("history", "DELETE FROM security_events WHERE user_id = $1"),
    ("revocations", "DELETE FROM revocations WHERE user_id = $1"),
    ("sessions", "DELETE FROM sessions WHERE user_id = $1"),
    ("payments", PAYMENTS),
    ("accounts", "DELETE FROM users WHERE id = $1"),
];

/// What a payment says of him, but for payments of others.
const PAYMENTS: &str = "DELETE FROM stripe_events WHERE claimed_user_id = $1 AND NOT EXISTS
    (SELECT FROM stripe_customers c WHERE c.customer_id = stripe_events.customer_id AND c.user_id <> $1)";

/// Where others' rows name him: what they say of the others stays, and it was nobody.
const NAMED: [&str; 4] = [
    "UPDATE stripe_events SET claimed_user_id = NULL WHERE claimed_user_id = $1",
    "UPDATE deactivations SET actor_id = '00000000-0000-0000-0000-000000000000' WHERE actor_id = $1",
    "UPDATE tier_grants SET granted_by = NULL WHERE granted_by = $1",
    "UPDATE erasures SET requested_by = NULL WHERE requested_by = $1",
];

/// What is kept by a keyed digest of a name: failed logins.
const BY_NAME: [&str; 2] = [
    "DELETE FROM login_failures WHERE identifier_hmac = ANY ($1)",
    "DELETE FROM security_events WHERE identifier_hmac = ANY ($1)",
];

/// Frees the address and the name, and forgets what nobody needs any more. The account is locked and closed.
pub async fn release(tx: &mut Tx, secrets: &Secrets, user: &UserRow, pseudonym: &str) -> db::Result<()> {
    forget_names(tx, secrets, user.id, &[Some(user.email.as_str()), user.username.as_deref()]).await?;
    for (_, statement) in AT_ONCE {
        queries::run_for(tx, statement, user.id).await?;
    }
    let now = tx.now();
    queries::release(tx, user.id, pseudonym, now).await
}

/// Erases the account, which is locked, with all that belongs to it; `address` is the one it had, where that is known.
pub async fn erase(tx: &mut Tx, secrets: &Secrets, erasure: &ErasureRow, address: Option<&str>) -> db::Result<Erased> {
    let user: UserId = erasure.user_id;
    gdpr::forget_told(tx, user).await?;
    let address = still_his(tx, address).await?;
    if let Some(address) = address {
        gdpr::forget_address(tx, address).await?;
    }
    let mut erased = Erased::default().and("failures", forget_names(tx, secrets, user, &[address]).await?);
    let words: Vec<String> = [Some(user.to_string()), address.map(str::to_owned)].into_iter().flatten().collect();
    erased = erased.and("kept_answers", queries::delete_answers(tx, &words).await?);
    for (what, statement) in LAST {
        erased = erased.and(what, queries::run_for(tx, statement, user).await?);
    }
    for statement in NAMED {
        queries::run_for(tx, statement, user).await?;
    }
    Ok(erased)
}

/// The address, unless somebody has it by now: then what is known by it may be that one's.
async fn still_his<'a>(tx: &mut Tx, address: Option<&'a str>) -> db::Result<Option<&'a str>> {
    let Some(address) = address else { return Ok(None) };
    let taken = accounts::named(tx, &Identifier::Email(address.to_owned())).await?.is_some();
    Ok(Some(address).filter(|_| !taken))
}

/// Forgets what failed by these names, and by those that only the account itself is counted by.
async fn forget_names(tx: &mut Tx, secrets: &Secrets, user: UserId, names: &[Option<&str>]) -> db::Result<usize> {
    let own = [locks::codes_of(user), locks::password_of(user)];
    let names = names.iter().flatten().copied().chain(own.iter().map(String::as_str));
    let names: Vec<String> = names.map(|name| secrets.track(name)).collect();
    let mut forgotten = 0;
    for statement in BY_NAME {
        forgotten += queries::delete_named(tx, statement, &names).await?;
    }
    Ok(forgotten)
}
