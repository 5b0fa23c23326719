//! GET /auth/erasures/{id}: how far an erasure is.

use contracts::ErasureId;
use db::Tx;
use problem::{Problem, codes::NOT_FOUND};
use server::{Answer, Data, Path, answer, get};

use super::claimant::Claimant;
use super::view::ErasureView;
use super::{of_claimant, queries};
use crate::state::State;

/// How far an erasure is, and what each service says that it erased. Whoever asked for it shows the token that the
/// request was answered with (`Authorization: Receipt <token>`); somebody who is signed in sees his own, and those that
/// he asked for as an administrator.
#[utoipa::path(tag = "auth", operation_id = "get_erasure", security(("bearer" = [])),
    params(("id" = ErasureId, Path, description = "The erasure.")))]
#[get("/auth/erasures/{id}")]
pub async fn show(state: Data<State>, who: Claimant, id: Path<ErasureId>) -> Answer<ErasureView> {
    let (who, id) = (&who, *id);
    let view = state.db.tx(async |tx: &mut Tx| -> Result<ErasureView, Problem> {
        let erasure = of_claimant(tx, id, who).await?.ok_or_else(|| Problem::new(&NOT_FOUND))?;
        let steps = queries::steps(tx, id).await?;
        Ok(ErasureView::of(erasure, steps))
    });
    answer(view.await?)
}
