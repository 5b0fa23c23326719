//! DELETE /comments/{id}: take it back.

use contracts::CommentId;
use db::Tx;
use problem::Problem;
use server::{Caller, Data, NoContent, Path, delete, no_content};

use super::{changeable, queries};
use crate::posts;
use crate::posts::rules::Reader;
use crate::state::State;

/// Deletes a comment, with every word of it; the answers to it stay.
#[utoipa::path(tag = "comments", operation_id = "delete_comment")]
#[delete("/comments/{id}")]
pub async fn delete(state: Data<State>, who: Caller, id: Path<CommentId>) -> NoContent {
    let delete = async |tx: &mut Tx| -> Result<(), Problem> {
        let comment = changeable(tx, &Reader::from(&who), *id).await?;
        queries::delete(tx, comment.id).await?;
        posts::uncount_comment(tx, comment.post_id).await?;
        Ok(())
    };
    state.db.tx(delete).await?;
    no_content()
}
