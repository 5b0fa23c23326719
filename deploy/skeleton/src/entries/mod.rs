//! Entries: written, read by whoever wrote them.
//!
//! To everybody else there is no such entry (404). Start with [`create`], then [`rules`].

pub mod create;
pub mod get;

pub mod queries;
pub mod row;
pub mod rules;
pub mod view;

use contracts::UserId;
use db::Tx;
use gdpr::Erased;

/// Erases all entries of `user`.
pub async fn erase(tx: &mut Tx, user: UserId) -> db::Result<Erased> {
    Ok(Erased::default().and("entries", queries::delete_all(tx, user).await?))
}
