//! DELETE /posts/{id}: take it back.

use contracts::PostId;
use contracts::posts::PostDeleted;
use db::Tx;
use problem::Problem;
use server::{Caller, Data, NoContent, Path, delete, no_content};

use super::rules::Reader;
use super::{changeable, queries};
use crate::state::State;

/// Deletes a post, with every word of it.
#[utoipa::path(tag = "posts", operation_id = "delete_post")]
#[delete("/posts/{id}")]
pub async fn delete(state: Data<State>, who: Caller, id: Path<PostId>) -> NoContent {
    let delete = async |tx: &mut Tx| -> Result<(), Problem> {
        let post = changeable(tx, &Reader::from(&who), *id).await?;
        queries::delete(tx, post.id).await?;
        outbox::emit(tx, &PostDeleted::from(&post)).await?;
        Ok(())
    };
    state.db.tx(delete).await?;
    no_content()
}
