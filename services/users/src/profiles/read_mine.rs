//! GET /users/me: one's own profile.

use server::{Answer, AnswerExt, Caller, Data, answer, get};

use super::of_caller;
use super::view::ProfileView;
use crate::state::State;

/// One's own profile, made empty at the first call if no event has made it yet.
#[utoipa::path(tag = "users", operation_id = "get_my_profile")]
#[get("/users/me")]
pub async fn read_mine(state: Data<State>, who: Caller) -> Answer<ProfileView> {
    let profile = of_caller(&state, who.id).await?;
    let version = profile.version;
    answer(ProfileView::from(profile)).etag(version)
}
