//! All passkeys of an account at once.

use contracts::UserId;
use db::Tx;

use super::queries;

/// Forgets all passkeys of an account, which is locked; says how many.
pub async fn all(tx: &mut Tx, user: UserId) -> db::Result<usize> {
    let own = queries::of_user(tx, user).await?;
    for passkey in &own {
        queries::delete(tx, user, passkey.id).await?;
    }
    Ok(own.len())
}
