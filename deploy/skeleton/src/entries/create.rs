//! POST /skeleton-name/entries: write one.

use garde::Validate;
use problem::Problem;
use serde::{Deserialize, Serialize};
use server::{Caller, Created, Data, Json, created, post};
use utoipa::ToSchema;
use uuid::Uuid;

use super::row::EntryRow;
use super::view::EntryView;
use super::{queries, rules};
use crate::state::State;

/// An entry to be.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "body": "Bonjour" }))]
pub struct NewEntry {
    /// What it says.
    #[garde(length(chars, min = 1, max = 10_000))]
    #[schema(min_length = 1, max_length = 10_000)]
    pub body: String,
}

/// Writes an entry.
#[utoipa::path(tag = "skeleton-name", operation_id = "create_skeleton_name_entry")]
#[post("/skeleton-name/entries")]
pub async fn create(state: Data<State>, who: Caller, body: Json<NewEntry>) -> Created<EntryView> {
    let body = rules::text(&body.body)?;
    let entry = state.db.tx(async |tx| -> Result<EntryRow, Problem> {
        let entry = EntryRow { id: Uuid::new_v4(), owner_id: who.id, body, created_at: tx.now().into() };
        Ok(queries::insert(tx, entry).await?)
    });
    created(EntryView::from(entry.await?))
}
