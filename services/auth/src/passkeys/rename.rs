//! PATCH /auth/passkeys/{id}: what it is called.

use problem::{Problem, codes::NOT_FOUND};
use serde::Deserialize;
use server::{Answer, Caller, Data, Json, Path, answer, patch};
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::PasskeyView;
use super::{queries, rules};
use crate::codes;
use crate::state::State;

/// What is to change.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "name": "Téléphone" }))]
pub struct PasskeyPatch {
    /// What to call it.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
}

/// Calls a passkey of the caller's account otherwise.
#[utoipa::path(tag = "auth", operation_id = "rename_passkey", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The passkey.")))]
#[patch("/auth/passkeys/{id}")]
pub async fn rename(state: Data<State>, who: Caller, id: Path<Uuid>, body: Json<PasskeyPatch>) -> Answer<PasskeyView> {
    let name = rules::name(&body.name).map_err(|unfit| codes::unfit(vec![("/name", unfit)]))?;
    let row = queries::rename(&mut *state.db.conn().await?, who.id, id.into_inner(), &name).await?;
    answer(PasskeyView::from(row.ok_or_else(|| Problem::new(&NOT_FOUND))?))
}
