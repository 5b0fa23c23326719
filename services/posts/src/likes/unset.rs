//! DELETE /posts/{id}/like: like it no longer.

use contracts::PostId;
use db::Tx;
use problem::Problem;
use server::{Caller, Data, NoContent, Path, delete, no_content};

use super::{queries, told};
use crate::posts::rules::Reader;
use crate::state::State;

/// Likes a post no longer; again without harm.
#[utoipa::path(tag = "likes", operation_id = "unlike_post")]
#[delete("/posts/{id}/like")]
pub async fn unset(state: Data<State>, who: Caller, id: Path<PostId>) -> NoContent {
    let reader = Reader::from(&who);
    let unlike = async |tx: &mut Tx| -> Result<(), Problem> {
        let change = queries::unset(tx, reader.id, *id).await?;
        if let Some(event) = told(&reader, *id, change, false)? {
            outbox::emit(tx, &event).await?;
        }
        Ok(())
    };
    state.db.tx(unlike).await?;
    no_content()
}
