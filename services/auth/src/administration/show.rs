//! GET /auth/users/{id}: all of an account.

use contracts::UserId;
use contracts::acts::AdminAct;
use db::Tx;
use problem::Problem;
use server::{Answer, AnswerExt, Data, Path, SecureAdmin, answer, get};

use super::act::Act;
use super::shown;
use super::view::AccountDetailView;
use crate::state::State;

/// An account as it is now: its locks are those that hold, its sessions those that live. That somebody looked is told to
/// the journal.
#[utoipa::path(tag = "auth", operation_id = "get_account", security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The account.")))]
#[get("/auth/users/{id}")]
pub async fn show(state: Data<State>, who: SecureAdmin, id: Path<UserId>) -> Answer<AccountDetailView> {
    let (state, target) = (&state, *id);
    let act = &Act::of(state, who.id, AdminAct::AccountSeen);
    let account = state.db.tx(async |tx: &mut Tx| -> Result<AccountDetailView, Problem> {
        act.look(tx, Some(target)).await?;
        shown(tx, state, target).await
    });
    let account = account.await?;
    let etag = account.etag();
    answer(account).etag(etag)
}
