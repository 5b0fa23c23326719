//! PUT /posts/{id}/like: like it. POST does the same, and never takes it back.

use contracts::PostId;
use db::Tx;
use problem::Problem;
use server::{Caller, Data, NoContent, Path, no_content, post, put};

use super::{queries, told};
use crate::posts::rules::Reader;
use crate::state::State;

/// Likes a post; again without harm.
#[utoipa::path(tag = "likes", operation_id = "like_post")]
#[put("/posts/{id}/like")]
pub async fn set(state: Data<State>, who: Caller, id: Path<PostId>) -> NoContent {
    like(&state, &Reader::from(&who), *id).await?;
    no_content()
}

/// Likes a post, as PUT does; it never takes a like back.
#[utoipa::path(tag = "likes", operation_id = "like_post_by_post")]
#[post("/posts/{id}/like")]
pub async fn set_by_post(state: Data<State>, who: Caller, id: Path<PostId>) -> NoContent {
    like(&state, &Reader::from(&who), *id).await?;
    no_content()
}

async fn like(state: &State, reader: &Reader, id: PostId) -> Result<(), Problem> {
    let like = async |tx: &mut Tx| -> Result<(), Problem> {
        let change = queries::set(tx, reader.id, id).await?;
        if let Some(event) = told(reader, id, change, true)? {
            state.quotas.like(reader.id)?;
            outbox::emit(tx, &event).await?;
        }
        Ok(())
    };
    state.db.tx(like).await
}
