//! GET /auth/identities: through whom the account can be entered.

use server::{Answer, Caller, Data, List, get, list as listed};

use super::queries;
use super::view::IdentityView;
use crate::state::State;

/// What the caller's account is known by at providers, the oldest first.
#[utoipa::path(tag = "auth", operation_id = "list_identities", security(("bearer" = [])))]
#[get("/auth/identities")]
pub async fn list(state: Data<State>, who: Caller) -> Answer<List<IdentityView>> {
    let rows = queries::of_user(&mut *state.db.conn().await?, who.id).await?;
    listed(rows.into_iter().map(|row| IdentityView::of(row, &state.providers)).collect(), None)
}
