//! DELETE /auth/users/{id}: the account is to be erased, everywhere.

use contracts::acts::AdminAct;
use contracts::{ErasureId, UserId};
use db::Tx;
use problem::Problem;
use serde::Serialize;
use server::{Accepted, AnswerExt, Data, Json, Path, RecentAdmin, accepted, delete};
use utoipa::ToSchema;

use super::act::Act;
use super::reason::Because;
use crate::accounts::row::UserRow;
use crate::erasures::{self, Requested};
use crate::sessions::Visitor;
use crate::state::State;

/// What was begun.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ErasureBegunView {
    /// The erasure, at /api/v1/auth/erasures/{id}.
    erasure_id: ErasureId,
}

/// Closes the account at once, and has everything about it erased in every service. Its owner is mailed, and follows it
/// by a receipt that nobody else gets.
#[utoipa::path(tag = "auth", operation_id = "erase_account", security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The account.")))]
#[delete("/auth/users/{id}")]
pub async fn erase(
    state: Data<State>,
    who: RecentAdmin,
    id: Path<UserId>,
    body: Json<Because>,
) -> Accepted<ErasureBegunView> {
    let (state, why) = (&state, &body.read()?);
    let act = &Act::of(state, who.id, AdminAct::ErasureRequested).because(why);
    act.spares_oneself(*id)?;
    let ask = async |tx: &mut Tx, user: UserRow| -> Result<Requested, Problem> {
        let requested = erasures::request(tx, state, &user, Some(act.actor), &Visitor::default()).await?;
        act.note(tx, user.id).await?;
        Ok(requested)
    };
    let Requested { id, ended, .. } = act.on(*id, ask).await?;
    ended.tell(state);
    accepted(ErasureBegunView { erasure_id: id }).header("location", format_args!("/api/v1/auth/erasures/{id}"))
}
