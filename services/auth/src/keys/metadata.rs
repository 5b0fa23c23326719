//! GET /auth/.well-known/oauth-authorization-server: what a client has to know of us (RFC 8414).

use serde::Serialize;
use server::{Answer, AnswerExt, Data, answer, get};
use utoipa::ToSchema;

use super::jwks::MAX_AGE_SECS;
use crate::state::State;
use crate::tokens::rules::SCOPE;

/// What a client has to know.
#[derive(Debug, Serialize, ToSchema)]
pub struct Metadata {
    /// The `iss` of our tokens.
    issuer: String,
    /// Where the keys are.
    jwks_uri: String,
    /// Where services are given tokens. People sign in at `/auth/login`.
    token_endpoint: String,
    /// Where a service asks what a token is (RFC 7662).
    introspection_endpoint: String,
    /// Where whoever has a token ends it (RFC 7009).
    revocation_endpoint: String,
    /// What tokens are given for.
    grant_types_supported: Vec<&'static str>,
    /// There is no page to send anybody to.
    response_types_supported: Vec<&'static str>,
    /// What a token may allow.
    scopes_supported: Vec<&'static str>,
    /// How a client proves itself to get one: by its key.
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    /// What such a key may sign with.
    token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    /// How a client proves itself to ask what a token is: by its key, or by a service token for auth.
    introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    /// How a client proves itself to end a token: having it is enough.
    revocation_endpoint_auth_methods_supported: Vec<&'static str>,
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
        token_endpoint: format!("{auth}/token"),
        introspection_endpoint: format!("{auth}/introspect"),
        revocation_endpoint: format!("{auth}/revoke"),
        grant_types_supported: vec!["client_credentials"],
        response_types_supported: vec![],
        scopes_supported: vec![SCOPE],
        token_endpoint_auth_methods_supported: vec!["private_key_jwt"],
        token_endpoint_auth_signing_alg_values_supported: vec!["ES256", "EdDSA"],
        introspection_endpoint_auth_methods_supported: vec!["private_key_jwt", "Bearer"],
        revocation_endpoint_auth_methods_supported: vec!["none", "private_key_jwt"],
        ui_locales_supported: vec!["fr", "en"],
    };
    answer(metadata).cached(MAX_AGE_SECS)
}
