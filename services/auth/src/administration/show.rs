//! GET /auth/users/{id}: all of an account.

use contracts::UserId;
use server::{Answer, AnswerExt, Data, Path, SecureAdmin, answer, get};

use super::shown;
use super::view::AccountDetailView;
use crate::state::State;

/// An account as it is now: its locks are those that hold, its sessions those that live.
#[utoipa::path(tag = "auth", operation_id = "get_account", security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The account.")))]
#[get("/auth/users/{id}")]
pub async fn show(state: Data<State>, _: SecureAdmin, id: Path<UserId>) -> Answer<AccountDetailView> {
    let account = shown(&mut *state.db.conn().await?, &state, *id).await?;
    let etag = account.etag();
    answer(account).etag(etag)
}
