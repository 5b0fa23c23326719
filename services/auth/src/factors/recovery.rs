//! Recovery codes: ten, shown once, good once each.

use contracts::UserId;
use db::{Ts, Tx};
use problem::Problem;

use super::queries;
use super::row::RecoveryRow;
use super::rules::{self, CODES};
use crate::secrets::{Secrets, random};

/// Ten new ones in place of all others, as their owner reads them. The account is locked.
pub async fn renew(tx: &mut Tx, secrets: &Secrets, user: UserId) -> Result<Vec<String>, Problem> {
    let now = tx.now();
    let mut codes = Vec::with_capacity(CODES);
    for _ in 0..CODES {
        codes.push(rules::recovery_code(&random()?));
    }
    let kept =
        |code: &String| RecoveryRow { user_id: user, code_hmac: digest(secrets, user, code), created_at: Ts(now) };
    let rows: Vec<RecoveryRow> = codes.iter().map(kept).collect();
    queries::remove_codes(tx, user).await?;
    queries::insert_codes(tx, &rows).await?;
    Ok(codes.iter().map(|code| rules::grouped(code)).collect())
}

/// Uses a code up; false where it is none of the account's, or was used.
pub async fn take(tx: &mut Tx, secrets: &Secrets, user: UserId, code: &str) -> db::Result<bool> {
    let now = tx.now();
    queries::use_code(tx, user, &digest(secrets, user, code), now).await
}

/// What is kept of a code: nobody finds it without our secret, and the same code of two accounts looks different.
fn digest(secrets: &Secrets, user: UserId, code: &str) -> String {
    secrets.track(&format!("recovery code of {user}: {code}"))
}
