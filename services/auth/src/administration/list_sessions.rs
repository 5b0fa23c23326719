//! GET /auth/users/{id}/sessions: where an account is signed in.

use contracts::UserId;
use contracts::acts::AdminAct;
use db::Tx;
use problem::Problem;
use problem::codes::NOT_FOUND;
use server::{Answer, Data, List, Path, SecureAdmin, get, list as listed};

use super::act::Act;
use crate::accounts;
use crate::sessions::list::SessionView;
use crate::sessions::living;
use crate::sessions::row::SessionRow;
use crate::state::State;

/// The living sessions of an account, the one that was seen last first. That somebody looked is told to the journal.
#[utoipa::path(tag = "auth", operation_id = "list_account_sessions", security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The account.")))]
#[get("/auth/users/{id}/sessions")]
pub async fn list_sessions(state: Data<State>, who: SecureAdmin, id: Path<UserId>) -> Answer<List<SessionView>> {
    let (act, target) = (&Act::of(&state, who.id, AdminAct::SessionsSeen), *id);
    let rows = state.db.tx(async |tx: &mut Tx| -> Result<Vec<SessionRow>, Problem> {
        act.look(tx, Some(target)).await?;
        accounts::whole(tx, target).await?.ok_or_else(|| Problem::new(&NOT_FOUND))?;
        Ok(living(tx, target, act.state.clock.now()).await?)
    });
    let rows = rows.await?;
    listed(rows.into_iter().map(|row| SessionView::of(row, who.identity.session)).collect(), None)
}
