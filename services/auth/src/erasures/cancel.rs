//! POST /auth/erasures/{id}/cancel: the account stays after all. From a program by the receipt token, from the mailed
//! page as a form.

use actix_web::HttpResponse;
use contracts::ErasureId;
use contracts::acts::{ReasonCode, UserReactivated};
use contracts::gdpr::ErasureCancelled;
use db::Tx;
use problem::Problem;
use problem::codes::{FORBIDDEN, NOT_FOUND};
use server::{Data, Lang, Path, Raw, Refusal, post};

use super::claimant::{Claimant, Receipt, Shown};
use super::view::ErasureView;
use super::{of_claimant, queries, rules};
use crate::accounts::{self, pages};
use crate::codes;
use crate::history::{self, Kind};
use crate::sessions::Visitor;
use crate::state::State;

/// Takes an erasure back while its grace runs: the account is open again, and its owner signs in as before. Whoever asked
/// for it shows the receipt token, as `Authorization: Receipt <token>` or in the body.
#[utoipa::path(tag = "auth", operation_id = "cancel_erasure", security(("bearer" = [])),
    params(("id" = ErasureId, Path, description = "The erasure.")),
    request_body(content((Receipt = "application/json"), (Receipt = "application/x-www-form-urlencoded"))),
    responses((status = 200, description = "It is taken back; a form gets a page.", body = ErasureView)))]
#[post("/auth/erasures/{id}/cancel")]
pub async fn cancel(
    state: Data<State>,
    lang: Lang,
    visitor: Visitor,
    id: Path<ErasureId>,
    who: Shown,
) -> Result<Raw, Refusal> {
    let (id, claimant, visitor) = (*id, &who.claimant, &visitor);
    let cancelled = state.db.tx(async |tx: &mut Tx| take_back(tx, id, claimant, visitor).await).await;
    if !who.on_page {
        return Ok(Raw(HttpResponse::Ok().json(cancelled?)));
    }
    match cancelled {
        Ok(_) => Ok(pages::account_kept(lang.0)),
        Err(problem) if problem.status() < 500 => Ok(pages::refused(lang.0, &problem)),
        Err(problem) => Err(problem.into()),
    }
}

async fn take_back(tx: &mut Tx, id: ErasureId, who: &Claimant, visitor: &Visitor) -> Result<ErasureView, Problem> {
    let gone = || Problem::new(&NOT_FOUND);
    let seen = of_claimant(tx, id, who).await?.ok_or_else(gone)?;
    if !who.may_cancel(&seen) {
        return Err(Problem::new(&FORBIDDEN));
    }
    accounts::locked(tx, seen.user_id).await?;
    let erasure = queries::locked(tx, id).await?.ok_or_else(gone)?;
    let (now, user) = (tx.now(), erasure.user_id);
    if !rules::may_cancel(erasure.stage(), erasure.grace_until.0, now) {
        return Err(Problem::new(&codes::ERASURE_STARTED));
    }
    queries::cancel(tx, id, now).await?;
    queries::reopen_account(tx, user, erasure.was_active, now).await?;
    outbox::emit(tx, &ErasureCancelled { erasure_id: id, user_id: user }).await?;
    if erasure.was_active {
        let by = erasure.requested_by;
        outbox::emit(tx, &UserReactivated { user_id: user, by, reason_code: ReasonCode::Request }).await?;
    }
    history::note(tx, Kind::ErasureCancelled, Some(user), None, visitor).await?;
    let erasure = queries::find(tx, id).await?.ok_or_else(gone)?;
    Ok(ErasureView::of(erasure, Vec::new()))
}
