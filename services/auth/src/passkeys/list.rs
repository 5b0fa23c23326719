//! GET /auth/passkeys: the passkeys of one's own account.

use server::{Answer, Caller, Data, List, get, list as listed};

use super::queries;
use super::view::PasskeyView;
use crate::state::State;

/// The passkeys of the caller's account, the oldest first: never more than fit on a page.
#[utoipa::path(tag = "auth", operation_id = "list_passkeys", security(("bearer" = [])))]
#[get("/auth/passkeys")]
pub async fn list(state: Data<State>, who: Caller) -> Answer<List<PasskeyView>> {
    let rows = queries::of_user(&mut *state.db.conn().await?, who.id).await?;
    listed(rows.into_iter().map(PasskeyView::from).collect(), None)
}
