//! GET /auth/users/{id}/sessions: where an account is signed in.

use contracts::UserId;
use problem::Problem;
use problem::codes::NOT_FOUND;
use server::{Answer, Data, List, Path, SecureAdmin, get, list as listed};

use crate::accounts;
use crate::sessions::list::SessionView;
use crate::sessions::living;
use crate::state::State;

/// The living sessions of an account, the one that was seen last first.
#[utoipa::path(tag = "auth", operation_id = "list_account_sessions", security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The account.")))]
#[get("/auth/users/{id}/sessions")]
pub async fn list_sessions(state: Data<State>, who: SecureAdmin, id: Path<UserId>) -> Answer<List<SessionView>> {
    let mut conn = state.db.conn().await?;
    accounts::whole(&mut conn, *id).await?.ok_or_else(|| Problem::new(&NOT_FOUND))?;
    let rows = living(&mut conn, *id, state.clock.now()).await?;
    listed(rows.into_iter().map(|row| SessionView::of(row, who.identity.session)).collect(), None)
}
