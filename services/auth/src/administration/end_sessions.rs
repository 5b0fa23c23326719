//! DELETE /auth/users/{id}/sessions: an account is signed out everywhere.

use contracts::UserId;
use contracts::acts::AdminAct;
use db::Tx;
use problem::Problem;
use server::{Data, NoContent, Path, RecentAdmin, delete, no_content};

use super::act::Act;
use crate::accounts::row::UserRow;
use crate::revocations::Ended;
use crate::sessions::{self, EndReason, Which};
use crate::state::State;

/// Ends all sessions of an account, with their tokens.
#[utoipa::path(tag = "auth", operation_id = "end_account_sessions", security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The account.")))]
#[delete("/auth/users/{id}/sessions")]
pub async fn end_sessions(state: Data<State>, who: RecentAdmin, id: Path<UserId>) -> NoContent {
    let act = &Act::of(&state, who.id, AdminAct::SessionsEnded);
    let end = async |tx: &mut Tx, user: UserRow| -> Result<Ended, Problem> {
        let ended = sessions::end(tx, user.id, Which::All, EndReason::Admin).await?;
        if ended.count() > 0 {
            act.note(tx, user.id).await?;
        }
        Ok(ended)
    };
    act.on(*id, end).await?.tell(&state);
    no_content()
}
