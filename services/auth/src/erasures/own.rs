//! What this service itself knows of an account, and how it forgets: a part at once, the rest last of all.

use contracts::UserId;
use db::Tx;
use gdpr::Erased;

use super::queries;
use super::row::ErasureRow;
use crate::accounts::row::UserRow;
use crate::secrets::Secrets;

/// This service, whose turn is last.
pub const SERVICE: &str = "auth";

/// What is of no use as soon as nobody enters any more. The account's row stays until the end, by its id alone.
const AT_ONCE: [(&str, &str); 3] = [
    ("links", "DELETE FROM email_tokens WHERE user_id = $1"),
    ("devices", "DELETE FROM known_devices WHERE user_id = $1"),
    ("profiles", "DELETE FROM profiles WHERE user_id = $1"),
];

/// What is counted at the end. Whatever else belongs to an account goes with its row.
const LAST: [(&str, &str); 6] = [
    ("links", "DELETE FROM email_tokens WHERE user_id = $1"),
    ("devices", "DELETE FROM known_devices WHERE user_id = $1"),
    ("history", "DELETE FROM security_events WHERE user_id = $1"),
    ("revocations", "DELETE FROM revocations WHERE user_id = $1"),
    ("sessions", "DELETE FROM sessions WHERE user_id = $1"),
    ("accounts", "DELETE FROM users WHERE id = $1"),
];

/// What is kept by a keyed digest of a name: failed logins.
const BY_NAME: [&str; 2] = [
    "DELETE FROM login_failures WHERE identifier_hmac = ANY ($1)",
    "DELETE FROM security_events WHERE identifier_hmac = ANY ($1)",
];

/// Frees the address and the name, and forgets what nobody needs any more. The account is locked and closed.
pub async fn release(tx: &mut Tx, secrets: &Secrets, user: &UserRow, pseudonym: &str) -> db::Result<()> {
    forget_names(tx, secrets, &[Some(user.email.as_str()), user.username.as_deref()]).await?;
    for (_, statement) in AT_ONCE {
        queries::delete_of(tx, statement, user.id).await?;
    }
    let now = tx.now();
    queries::release(tx, user.id, pseudonym, now).await
}

/// Erases the account, which is locked, with all that belongs to it; `address` is the one it had.
pub async fn erase(tx: &mut Tx, secrets: &Secrets, erasure: &ErasureRow, address: &str) -> db::Result<Erased> {
    let user: UserId = erasure.user_id;
    let mut erased = Erased::default().and("failures", forget_names(tx, secrets, &[Some(address)]).await?);
    let words = [user.to_string(), address.to_owned()];
    erased = erased.and("kept_answers", queries::delete_answers(tx, &words).await?);
    for (what, statement) in LAST {
        erased = erased.and(what, queries::delete_of(tx, statement, user).await?);
    }
    queries::forget_administrator(tx, user).await?;
    gdpr::forget_told(tx, address).await?;
    Ok(erased)
}

async fn forget_names(tx: &mut Tx, secrets: &Secrets, names: &[Option<&str>]) -> db::Result<usize> {
    let names: Vec<String> = names.iter().flatten().map(|name| secrets.track(name)).collect();
    let mut forgotten = 0;
    for statement in BY_NAME {
        forgotten += queries::delete_named(tx, statement, &names).await?;
    }
    Ok(forgotten)
}
