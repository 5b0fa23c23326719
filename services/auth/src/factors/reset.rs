//! All second factors of an account at once, for somebody who lost them.

use contracts::UserId;
use db::Tx;

use super::{Factors, of, queries};
use crate::passkeys;

/// Turns all of them off, and answers what there was. The account is locked; what its sessions were opened with is the
/// caller's to end.
pub async fn reset(tx: &mut Tx, user: UserId) -> db::Result<Factors> {
    let before = of(tx, user).await?;
    queries::remove_totp(tx, user).await?;
    queries::remove_codes(tx, user).await?;
    passkeys::forget::all(tx, user).await?;
    Ok(before)
}
