//! GET /auth/me: the account of the caller.

use problem::codes::TOKEN_REVOKED;
use server::{Answer, AnswerExt, Caller, Data, answer, get};

use super::queries;
use super::view::AccountView;
use crate::codes;
use crate::state::State;

/// The account of the caller, with what it shows of itself.
#[utoipa::path(tag = "auth", operation_id = "get_my_account", security(("bearer" = [])))]
#[get("/auth/me")]
pub async fn me(state: Data<State>, who: Caller) -> Answer<AccountView> {
    let mut conn = state.db.conn().await?;
    let account = queries::whole(&mut conn, who.id).await?;
    let account = account.ok_or_else(|| codes::unauthorized(&TOKEN_REVOKED))?;
    let version = account.version();
    answer(AccountView::from(account)).etag(version)
}
