//! GET /skeleton-name/entries/{id}: read one.

use problem::Problem;
use problem::codes::NOT_FOUND;
use server::{Answer, Caller, Data, Path, answer, get};
use uuid::Uuid;

use super::queries;
use super::view::EntryView;
use crate::state::State;

/// One's own entry.
#[utoipa::path(tag = "skeleton-name", operation_id = "get_skeleton_name_entry")]
#[get("/skeleton-name/entries/{id}")]
pub async fn get(state: Data<State>, who: Caller, id: Path<Uuid>) -> Answer<EntryView> {
    let entry = queries::of_owner(&mut *state.db.conn().await?, who.id, *id).await?;
    answer(EntryView::from(entry.ok_or(Problem::new(&NOT_FOUND))?))
}
