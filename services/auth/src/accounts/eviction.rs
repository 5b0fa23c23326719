//! Shutting out whoever was in an account before its owner showed that it is his.

use contracts::UserId;
use db::Tx;

use super::links;
use super::rules::Purpose;
use crate::revocations::Ended;
use crate::sessions::{self, EndReason, Which};
use crate::{devices, factors, identities, providers};

/// Shuts out whoever knew the password until now: what was asked for by mail is void, browsers are strangers and
/// sessions end. What else opens the account is its owner's. The account is locked.
pub async fn shut_out(tx: &mut Tx, user: UserId) -> db::Result<Ended> {
    links::void_asked_for(tx, user).await?;
    // Whoever had the old password may have made a browser known.
    devices::forget(tx, user).await?;
    sessions::end(tx, user, Which::All, EndReason::Credential).await
}

/// The same of whoever was there before anybody had proven the address: whatever he made to come back by is gone as
/// well. The account is locked, and the password is the caller's to set or to take away.
pub async fn evict(tx: &mut Tx, user: UserId) -> db::Result<Ended> {
    links::void(tx, user, Purpose::Invitation).await?;
    factors::reset::reset(tx, user).await?;
    identities::forget(tx, user).await?;
    providers::void_codes(tx, user).await?;
    shut_out(tx, user).await
}
