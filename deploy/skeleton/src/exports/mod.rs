//! What this service holds about somebody, for the archive that the person asked for.
//!
//! All columns of all tables with rows about people, but those that the statements name: a test compares them with the
//! schema. Start with [`give`].

mod queries;

use contracts::UserId;
use db::Tx;
use gdpr::Parts;

/// Writes all of it.
pub async fn give(tx: &mut Tx, user: UserId, parts: &mut Parts) -> db::Result<()> {
    parts.table(tx, user, "entries", queries::ENTRIES).await
}
