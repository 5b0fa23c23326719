//! An entry as its owner is shown it.

use db::Ts;
use serde::Serialize;
use server::Located;
use utoipa::ToSchema;
use uuid::Uuid;

use super::row::EntryRow;

/// An entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryView {
    /// The entry.
    pub id: Uuid,
    /// What it says.
    pub body: String,
    /// When it was written.
    pub created_at: Ts,
}

impl From<EntryRow> for EntryView {
    fn from(row: EntryRow) -> Self {
        Self { id: row.id, body: row.body, created_at: row.created_at }
    }
}

impl Located for EntryView {
    fn location(&self) -> String {
        format!("/api/v1/skeleton-name/entries/{}", self.id)
    }
}
