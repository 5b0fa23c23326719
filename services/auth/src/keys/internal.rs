//! GET /internal/jwks: the key set for verifiers. On the internal port alone.

use actix_web::HttpResponse;
use authn::JwkSet;
use server::{Data, Raw};

use super::ring::public_halves;
use super::rotate::Failed;
use crate::keys::queries;
use crate::state::State;

/// The public halves of the keys as they are stored: whoever asks because they changed may be quicker than this process
/// was to take them over. Where the database is away, as this process has them.
pub async fn published(state: Data<State>) -> Raw {
    let stored = stored(&state).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the signing keys cannot be read; publishing those that are here");
        state.keyring.published()
    });
    Raw(HttpResponse::Ok().json(stored))
}

async fn stored(state: &State) -> Result<JwkSet, Failed> {
    let rows = queries::all(&mut *state.db.conn().await?).await?;
    Ok(public_halves(&rows)?)
}
