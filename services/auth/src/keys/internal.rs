//! GET /internal/jwks: the key set for verifiers. On the internal port alone.

use actix_web::HttpResponse;
use server::{Data, Raw};

use crate::state::State;

/// The public halves of the keys.
pub async fn published(state: Data<State>) -> Raw {
    Raw(HttpResponse::Ok().json(state.keyring.published()))
}
