//! DELETE /auth/sessions/{id}: signed out there.

use contracts::SessionId;
use db::Tx;
use problem::{Problem, codes::NOT_FOUND};
use server::{Caller, Data, NoContent, Path, delete, no_content};

use super::visitor::Visitor;
use super::{EndReason, Which, end};
use crate::history::{self, Kind};
use crate::revocations::Ended;
use crate::state::State;

/// Ends one session of the caller's account.
#[utoipa::path(tag = "auth", operation_id = "revoke_session", security(("bearer" = [])),
    params(("id" = SessionId, Path, description = "The session.")))]
#[delete("/auth/sessions/{id}")]
pub async fn revoke(state: Data<State>, who: Caller, visitor: Visitor, session: Path<SessionId>) -> NoContent {
    let (session, visitor) = (session.into_inner(), &visitor);
    let ended = state.db.tx(async |tx: &mut Tx| -> Result<Ended, Problem> {
        let ended = end(tx, who.id, Which::One(session), EndReason::Revoked).await?;
        if ended.count() == 0 {
            return Err(Problem::new(&NOT_FOUND));
        }
        history::note(tx, Kind::SessionsEnded, Some(who.id), Some(session), visitor).await?;
        Ok(ended)
    });
    ended.await?.tell(&state);
    no_content()
}
