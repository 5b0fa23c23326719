//! POST /auth/erasures/{id}/retry: those who did not answer are asked anew, or everybody, once it is complete.

use contracts::ErasureId;
use db::Tx;
use problem::{Problem, codes::NOT_FOUND};
use server::{Accepted, Data, Path, RecentAdmin, accepted, post};

use super::rules::Stage;
use super::view::ErasureView;
use super::{chase, queries};
use crate::codes;
use crate::state::State;

/// Asks the services whose receipts are missing anew, as if for the first time: an erasure that was stalled runs again. Of
/// one that is complete every service is asked again, and it stays so: where a database was restored from before it, what
/// came back is erased once more.
#[utoipa::path(tag = "auth", operation_id = "retry_erasure", security(("bearer" = [])),
    params(("id" = ErasureId, Path, description = "The erasure.")))]
#[post("/auth/erasures/{id}/retry")]
pub async fn retry(state: Data<State>, who: RecentAdmin, id: Path<ErasureId>) -> Accepted<ErasureView> {
    let id = *id;
    let view = state.db.tx(async |tx: &mut Tx| again(tx, id).await).await?;
    tracing::info!(erasure.id = %id, actor.id = %who.id, "an administrator asks the services anew");
    accepted(view)
}

async fn again(tx: &mut Tx, id: ErasureId) -> Result<ErasureView, Problem> {
    let gone = || Problem::new(&NOT_FOUND);
    let erasure = queries::locked(tx, id).await?.ok_or_else(gone)?;
    match erasure.stage() {
        Stage::Running | Stage::Stalled => chase::start_over(tx, &erasure).await?,
        Stage::Completed => chase::ask_all(tx, &erasure).await?,
        Stage::Requested | Stage::Cancelled => return Err(Problem::new(&codes::ERASURE_NOT_RUNNING)),
    }
    let erasure = queries::find(tx, id).await?.ok_or_else(gone)?;
    let steps = queries::steps(tx, id).await?;
    Ok(ErasureView::of(erasure, steps))
}
