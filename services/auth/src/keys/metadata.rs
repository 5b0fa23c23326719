//! GET /auth/.well-known/oauth-authorization-server: what a client has to know of us (RFC 8414).

use serde::Serialize;
use server::{Answer, AnswerExt, Data, answer, get};
use utoipa::ToSchema;

use super::jwks::MAX_AGE_SECS;
use crate::state::State;

/// What a client has to know.
#[derive(Debug, Serialize, ToSchema)]
pub struct Metadata {
    /// The `iss` of our tokens.
    issuer: String,
    /// Where the keys are.
    jwks_uri: String,
    /// Where tokens are given for a password.
    token_endpoint: String,
    /// What they are given for there.
    grant_types_supported: Vec<&'static str>,
    /// There is no page to send anybody to.
    response_types_supported: Vec<&'static str>,
    /// How a client proves itself: it is public.
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    /// The languages of the answers.
    ui_locales_supported: Vec<&'static str>,
}

/// What a client has to know of us.
#[utoipa::path(tag = "auth", operation_id = "describe_server", security(()))]
#[get("/auth/.well-known/oauth-authorization-server")]
pub async fn metadata(state: Data<State>) -> Answer<Metadata> {
    let auth = format!("{}/api/v1/auth", state.public_url.as_str().trim_end_matches('/'));
    let metadata = Metadata {
        issuer: state.issuer.to_string(),
        jwks_uri: format!("{auth}/.well-known/jwks.json"),
        token_endpoint: format!("{auth}/login"),
        grant_types_supported: vec!["password"],
        response_types_supported: vec![],
        token_endpoint_auth_methods_supported: vec!["none"],
        ui_locales_supported: vec!["fr", "en"],
    };
    answer(metadata).cached(MAX_AGE_SECS)
}
