//! PUT /posts/{id}/like: like it. POST does the same, and never takes it back.

use contracts::PostId;
use problem::Problem;
use server::{Caller, Data, NoContent, Path, no_content, post, put};

use super::wish;
use crate::posts;
use crate::posts::rules::Reader;
use crate::state::State;

/// Likes a post; again without harm.
#[utoipa::path(tag = "likes", operation_id = "like_post")]
#[put("/posts/{id}/like")]
pub async fn set(state: Data<State>, who: Caller, id: Path<PostId>) -> NoContent {
    like(&state, Reader::from(&who), *id).await?;
    no_content()
}

/// Likes a post, as PUT does; it never takes a like back.
#[utoipa::path(tag = "likes", operation_id = "like_post_by_post")]
#[post("/posts/{id}/like")]
pub async fn set_by_post(state: Data<State>, who: Caller, id: Path<PostId>) -> NoContent {
    like(&state, Reader::from(&who), *id).await?;
    no_content()
}

/// Likes the post. What is counted is what was made: a like that was there costs nothing, nor needs leave.
async fn like(state: &State, reader: Reader, id: PostId) -> Result<(), Problem> {
    let leave = state.quotas.may_like(reader.id);
    let change = state.likes.set(&state.db, wish(reader, id, true, leave.is_ok(), state.clock.now())?).await?;
    let (changed, settled) = change.as_ref().map_or((false, false), |change| (change.changed, change.settled));
    posts::joined(&reader, change.map(|change| change.post))?;
    if changed {
        state.quotas.liked(reader.id);
    }
    if settled { Ok(()) } else { leave }
}
