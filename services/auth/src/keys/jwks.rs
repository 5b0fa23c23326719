//! GET /auth/.well-known/jwks.json: the public halves of the keys.

use serde::Serialize;
use server::{Answer, AnswerExt, Data, answer, get};
use utoipa::ToSchema;

use crate::state::State;

/// How long others may keep it.
pub const MAX_AGE_SECS: u32 = 300;

/// A key set (RFC 7517): the key that signs, the next one, and those whose tokens may still live.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeySet {
    /// The keys.
    #[schema(value_type = Vec<Object>, example = json!([{
        "kty": "EC", "crv": "P-256", "x": "f83OJ3D2…", "y": "x_FEzRu9…", "kid": "20260101-3q2x7w9aB1cd", "alg": "ES256",
        "use": "sig",
    }]))]
    keys: Vec<authn::Jwk>,
}

/// The keys that our tokens are verified with.
#[utoipa::path(tag = "auth", operation_id = "list_keys", security(()))]
#[get("/auth/.well-known/jwks.json")]
pub async fn jwks(state: Data<State>) -> Answer<KeySet> {
    answer(KeySet { keys: state.keyring.published().keys }).cached(MAX_AGE_SECS)
}
