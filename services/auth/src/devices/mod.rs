//! Devices that an account knows: browsers that entered it before, each with a token of its own in a cookie.
//!
//! What strangers do to an account's name does not keep its known devices out. A token is made here, and never taken
//! over from whoever shows one that the account does not know; it stays the same until it is forgotten. Start with
//! [`remember`].

pub mod cookie;
pub mod queries;
pub mod row;

use contracts::UserId;
use db::{Connection, Ts, Tx};
use jiff::{SignedDuration, Timestamp};
use problem::Problem;
use uuid::Uuid;

use crate::secrets::Token;
pub use cookie::ShownDevice;
use row::DeviceRow;

/// So long a device is known after it was last seen; browsers keep no cookie for longer.
pub const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);
/// No account knows more of them. Clients without cookies leave one behind each time, so those that never came back go
/// first.
const MOST: i64 = 50;

/// A device that an account knows from now on.
pub struct Remembered {
    /// What it shows.
    pub token: Token,
    /// Whether it was known before.
    pub known: bool,
}

/// Whether the account knows the device; nobody does not, after the same work.
pub async fn is_known(conn: &mut Connection, user: Option<UserId>, shown: &ShownDevice) -> db::Result<bool> {
    let Some(token) = &shown.0 else { return Ok(false) };
    queries::is_known(conn, user.unwrap_or(UserId(Uuid::nil())), &token.digest()).await
}

/// Remembers the device that entered an account, which is locked, by the name `device`.
pub async fn remember(tx: &mut Tx, user: UserId, shown: &ShownDevice, device: &str) -> Result<Remembered, Problem> {
    let now = tx.now();
    if let Some(token) = &shown.0
        && queries::see(tx, user, &token.digest(), now).await?
    {
        return Ok(Remembered { token: token.clone(), known: true });
    }
    let token = Token::random()?;
    let row = DeviceRow {
        token_hash: token.digest(),
        user_id: user,
        device: device.to_owned(),
        created_at: Ts(now),
        last_seen_at: Ts(now),
    };
    queries::insert(tx, &row).await?;
    queries::crop(tx, user, MOST).await?;
    Ok(Remembered { token, known: false })
}

/// Forgets all devices of an account: their cookies are worth nothing from now on. Says how many.
pub async fn forget(tx: &mut Tx, user: UserId) -> db::Result<usize> {
    queries::forget(tx, user).await
}

/// Deletes up to `most` devices that were last seen before `before`; says how many.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> db::Result<usize> {
    queries::sweep(conn, before, most).await
}
