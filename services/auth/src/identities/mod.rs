//! Identities: what accounts are known by at providers such as Google, and entered through.
//!
//! An identity opens one account. It is attached by a sign-in where both sides had the address proven, by a link that
//! was mailed to it, or by an owner who is signed in; never by what a provider only says. Start with [`arrival`].

pub mod claim;
pub mod confirm;
pub mod link;
pub mod list;
pub mod show_confirm;
pub mod unlink;

pub mod arrival;
pub mod attaching;
pub mod holding;
pub mod queries;
pub mod row;
pub mod rules;
pub mod view;

use contracts::UserId;
use db::{Connection, Tx};
use jiff::Timestamp;

pub use arrival::{Arrival, Found, find, may_ask};
pub use attaching::attach;
pub use holding::hold;

/// How many identities an account can be entered by: those of these issuers.
pub async fn count(conn: &mut Connection, user: UserId, issuers: &[String]) -> db::Result<i64> {
    queries::count(conn, user, issuers).await
}

/// Whether an account has any identity, though its provider may be known no more.
pub async fn has_any(conn: &mut Connection, user: UserId) -> db::Result<bool> {
    queries::has_any(conn, user).await
}

/// Takes all identities off an account, which is locked; says how many.
pub async fn forget(tx: &mut Tx, user: UserId) -> db::Result<usize> {
    queries::delete_all(tx, user).await
}

/// Deletes up to `most` codes that stopped working before `before`; says how many.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> db::Result<usize> {
    queries::sweep(conn, before, most).await
}
