//! GET /internal/revocations: what a verifier may have missed. On the internal port alone.

use actix_web::HttpResponse;
use jiff::Timestamp;
use serde::Deserialize;
use server::{Data, Query, Raw, Refusal};

use super::snapshot;
use crate::state::State;

/// From when.
#[derive(Debug, Deserialize, garde::Validate)]
#[garde(allow_unvalidated)]
pub struct Since {
    /// Only what was written since then.
    since: Option<Timestamp>,
}

/// What is revoked, whole or since a moment.
pub async fn living(state: Data<State>, query: Query<Since>) -> Result<Raw, Refusal> {
    let mut conn = state.db.conn().await?;
    let snapshot = snapshot(&mut conn, query.since, state.clock.now()).await?;
    Ok(Raw(HttpResponse::Ok().json(snapshot)))
}
