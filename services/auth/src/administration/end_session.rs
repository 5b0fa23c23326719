//! DELETE /auth/users/{id}/sessions/{sid}: an account is signed out there.

use contracts::acts::AdminAct;
use contracts::{SessionId, UserId};
use db::Tx;
use problem::{Problem, codes::NOT_FOUND};
use server::{Data, NoContent, Path, RecentAdmin, delete, no_content};

use super::act::Act;
use crate::accounts::row::UserRow;
use crate::revocations::Ended;
use crate::sessions::{self, EndReason, Which};
use crate::state::State;

/// Ends one session of an account, with its tokens.
#[utoipa::path(tag = "auth", operation_id = "end_account_session", security(("bearer" = [])), params(
    ("id" = UserId, Path, description = "The account."), ("sid" = SessionId, Path, description = "The session.")))]
#[delete("/auth/users/{id}/sessions/{sid}")]
pub async fn end_session(state: Data<State>, who: RecentAdmin, named: Path<(UserId, SessionId)>) -> NoContent {
    let (id, session) = named.into_inner();
    let act = &Act::of(&state, who.id, AdminAct::SessionsEnded);
    let end = async |tx: &mut Tx, user: UserRow| -> Result<Ended, Problem> {
        let ended = sessions::end(tx, user.id, Which::One(session), EndReason::Admin).await?;
        if ended.count() == 0 {
            return Err(Problem::new(&NOT_FOUND));
        }
        act.note(tx, user.id).await?;
        Ok(ended)
    };
    act.on(id, end).await?.tell(&state);
    no_content()
}
