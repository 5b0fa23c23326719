//! DELETE /posts/{id}/like: like it no longer.

use contracts::PostId;
use server::{Caller, Data, NoContent, Path, delete, no_content};

use super::{queries, wish};
use crate::posts;
use crate::posts::rules::Reader;
use crate::state::State;

/// Likes a post no longer; again without harm.
#[utoipa::path(tag = "likes", operation_id = "unlike_post")]
#[delete("/posts/{id}/like")]
pub async fn unset(state: Data<State>, who: Caller, id: Path<PostId>) -> NoContent {
    let reader = Reader::from(&who);
    let wish = wish(reader, *id, false, true, state.clock.now())?;
    let change = queries::unset(&mut *state.db.conn().await?, &wish).await?;
    posts::joined(&reader, change.map(|change| change.post))?;
    no_content()
}
