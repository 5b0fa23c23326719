//! DELETE /auth/me: the account is to be erased, everywhere.

use contracts::ErasureId;
use db::Tx;
use problem::{Problem, codes::TOKEN_REVOKED};
use serde::{Deserialize, Serialize};
use server::{Accepted, AnswerExt, Caller, Data, accepted, delete};
use utoipa::ToSchema;

use super::order::Requested;
use crate::accounts::owner::{self, Asker};
use crate::accounts::row::UserRow;
use crate::devices::ShownDevice;
use crate::optional::OptionalJson;
use crate::sessions::Visitor;
use crate::state::State;
use crate::{accounts, administration, codes};

/// The proof that the account is the caller's.
#[derive(Debug, Default, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "password": "sept-vaches-bleues" }))]
pub struct ErasureProof {
    /// The current password; it may be left out within ten minutes of a login.
    #[schema(max_length = 128, format = Password)]
    #[garde(length(chars, max = 128))]
    password: Option<String>,
}

/// What was begun.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RequestedView {
    /// The erasure, at /api/v1/auth/erasures/{id}.
    erasure_id: ErasureId,
    /// What it is followed by, as `Authorization: Receipt <token>`: nobody signs in any more. It is shown once.
    #[schema(example = "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", min_length = 43, max_length = 43)]
    receipt_token: String,
}

/// Closes the account at once, ends all its sessions, and has everything about it erased in every service. Each says what
/// it erased, and the owner is mailed when all have. While the grace runs, which may be none, it can be taken back.
#[utoipa::path(tag = "auth", operation_id = "delete_my_account", security(("bearer" = [])),
    request_body = Option<ErasureProof>)]
#[delete("/auth/me")]
pub async fn request(
    state: Data<State>,
    who: Caller,
    visitor: Visitor,
    shown: ShownDevice,
    body: OptionalJson<ErasureProof>,
) -> Accepted<RequestedView> {
    let known = owner::account(&state, who.id).await?.user;
    let proof = body.0.unwrap_or_default();
    let asker = &Asker { who: &who, visitor: &visitor, shown: &shown };
    owner::again(&state, asker, &known, proof.password.as_deref()).await?;
    let _turn = state.turns.of(&who.id).await;
    let (known, visitor) = (&known, &visitor);
    let requested = state.db.tx(async |tx: &mut Tx| ask(tx, &state, known, visitor).await).await?;
    let Requested { id, token, ended } = requested;
    ended.tell(&state);
    let view = RequestedView { erasure_id: id, receipt_token: token.show() };
    accepted(view).header("location", format_args!("/api/v1/auth/erasures/{id}"))
}

/// Nothing, if the account became another since its owner showed that it is his.
async fn ask(tx: &mut Tx, state: &State, known: &UserRow, visitor: &Visitor) -> Result<Requested, Problem> {
    administration::one_at_a_time(tx).await?;
    let same = accounts::locked(tx, known.id).await?;
    let same = same.filter(|user| user.is_active && user.password_hash == known.password_hash);
    let user = same.ok_or_else(|| codes::unauthorized(&TOKEN_REVOKED))?;
    super::request(tx, state, &user, None, visitor).await
}
