//! GET /posts/{id}: read one.

use contracts::PostId;
use server::{Answer, AnswerExt, Caller, Data, Path, answer, get};

use super::rules::Reader;
use super::shown;
use super::view::PostView;
use crate::state::State;

/// A post.
#[utoipa::path(tag = "posts", operation_id = "get_post")]
#[get("/posts/{id}")]
pub async fn get(state: Data<State>, who: Caller, id: Path<PostId>) -> Answer<PostView> {
    let post = shown(&mut *state.db.conn().await?, &Reader::from(&who), *id).await?;
    let etag = post.etag();
    answer(post).etag(etag)
}
