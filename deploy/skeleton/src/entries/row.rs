//! The rows of this resource.

use contracts::UserId;
use db::Ts;
use diesel::prelude::*;
use uuid::Uuid;

use crate::schema::entries;

/// An entry as it is stored.
#[derive(Clone, Debug, HasQuery, Insertable)]
#[diesel(table_name = entries)]
pub struct EntryRow {
    /// The entry.
    pub id: Uuid,
    /// Who wrote it.
    pub owner_id: UserId,
    /// What it says.
    pub body: String,
    /// When it was written.
    pub created_at: Ts,
}
