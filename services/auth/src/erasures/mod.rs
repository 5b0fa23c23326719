//! Accounts are erased: auth asks every service that announced itself, and itself last, once all receipts are in.
//!
//! Nothing is completed without each receipt, and nobody's is believed but by its own key. From REQUESTED, while the grace
//! runs, an erasure goes to CANCELLED; else by RUNNING, and perhaps STALLED, to COMPLETED. Locked are, in this order:
//! the person (`gdpr::lock`), the account, the erasure. Start with [`order`], then [`course`].

pub mod cancel;
pub mod list;
pub mod request;
pub mod retry;
pub mod show;
pub mod show_cancel;

pub mod chase;
pub mod claimant;
pub mod course;
pub mod mails;
pub mod order;
pub mod own;
pub mod queries;
pub mod row;
pub mod rules;
pub mod view;

use contracts::UserId;
use db::{Connection, Tx};

pub use course::{announced, confirmed};
pub use order::{Requested, request};

/// Whether an erasure of this account was asked for and is not over. Its account is not to be opened again but by
/// [`cancel`].
pub async fn is_open(conn: &mut Connection, user: UserId) -> db::Result<bool> {
    queries::is_open(conn, user).await
}

/// An account whose erasure may still be taken back stays closed if it is; false where there is none. The account is locked.
pub async fn stay_closed(tx: &mut Tx, user: UserId) -> db::Result<bool> {
    let now = tx.now();
    queries::stay_closed(tx, user, now).await
}

/// Every service that holds something about people, this one among them, by name.
pub async fn participants(conn: &mut Connection) -> db::Result<Vec<String>> {
    let mut services = queries::participants(conn, own::SERVICE).await?;
    services.push(own::SERVICE.to_owned());
    services.sort();
    Ok(services)
}

/// The erasure that somebody may see and change, if it is there.
async fn of_claimant(
    tx: &mut Tx,
    id: contracts::ErasureId,
    claimant: &claimant::Claimant,
) -> db::Result<Option<row::ErasureRow>> {
    Ok(queries::find(tx, id).await?.filter(|erasure| claimant.may_see(erasure)))
}
