//! GET /users/{id}: anybody's profile.

use contracts::UserId;
use problem::Problem;
use problem::codes::NOT_FOUND;
use server::{Answer, AnswerExt, Caller, Data, Path, answer, get};

use super::view::SeenProfile;
use super::{queries, sees_whole};
use crate::state::State;

/// Somebody's profile: whole for its owner and administrators, else what it shows of itself.
#[utoipa::path(tag = "users", operation_id = "get_profile")]
#[get("/users/{id}")]
pub async fn get(state: Data<State>, who: Caller, id: Path<UserId>) -> Answer<SeenProfile> {
    let user = id.into_inner();
    let profile = queries::of(&mut *state.db.conn().await?, user).await?;
    let profile = profile.ok_or(Problem::new(&NOT_FOUND))?;
    if sees_whole(&who, user) {
        let version = profile.version;
        return answer(SeenProfile::Whole(profile.into())).etag(version);
    }
    answer(SeenProfile::Public(profile.into()))
}
