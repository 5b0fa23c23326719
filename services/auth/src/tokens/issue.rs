//! POST /auth/token: a token for a service that proves itself (RFC 6749 §4.4, RFC 7523).

use actix_web::HttpResponse;
use authn::{SERVICE_LIFETIME, ServiceClaims};
use contracts::TokenId;
use serde::{Deserialize, Serialize};
use server::{Data, Raw, Refusal, post};
use utoipa::ToSchema;

use super::api;
use super::client::Proof;
use super::denial::{
    Denial, INVALID_REQUEST, INVALID_SCOPE, INVALID_TARGET, Refused, UNSUPPORTED_GRANT_TYPE, told, unkept,
};
use super::form::OauthForm;
use super::rules::{self, Aimless, SCOPE};
use crate::state::State;

/// Who asks, and for what. Parameters that we do not know are ignored, as RFC 6749 §3.2 has it.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "grant_type": "client_credentials", "audience": "users", "client_assertion": "eyJ…",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
}))]
pub struct TokenRequest {
    /// Always `client_credentials`.
    grant_type: Option<String>,
    /// Always `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    client_assertion_type: Option<String>,
    /// A token that the service signed by its own key: `iss` and `sub` are its name, `aud` is our issuer or this address,
    /// `exp` is in five minutes at most, and its `jti` never came before.
    client_assertion: Option<String>,
    /// The service's name, if it is said again.
    client_id: Option<String>,
    /// The name of the service that is to be called.
    audience: Option<String>,
    /// Or else its address: `…/api/v1/` and its name.
    resource: Option<String>,
    /// `api`, or nothing.
    scope: Option<String>,
}

/// A token.
#[derive(Serialize, ToSchema)]
pub struct TokenView {
    /// Says which service calls, to the one that it is for.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds until the next one is needed.
    expires_in: i64,
    /// What it allows.
    scope: &'static str,
}

/// Gives a service a token by which one other service knows it. Nobody gets one for a password.
#[utoipa::path(tag = "auth", operation_id = "issue_token", security(()),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Here it is.", body = inline(TokenView)),
        (status = 400, description = "What is asked for cannot be given.", body = inline(Denial)),
        (status = 401, description = "Nobody proved who asks.", body = inline(Denial))))]
#[post("/auth/token")]
pub async fn issue(state: Data<State>, form: OauthForm<TokenRequest>) -> Result<Raw, Refusal> {
    told(give(&state, form).await)
}

async fn give(state: &State, form: OauthForm<TokenRequest>) -> Result<HttpResponse, Refused> {
    let asked = form.read()?;
    match asked.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => return Err(UNSUPPORTED_GRANT_TYPE.into()),
        None => return Err(INVALID_REQUEST.into()),
    }
    let service = asked.proof().service(state).await?;
    let audience = rules::aim(asked.audience.as_deref(), asked.resource.as_deref(), &api(state));
    let audience = audience.map_err(|aimless| match aimless {
        Aimless::Missing => INVALID_REQUEST,
        Aimless::Unknown => INVALID_TARGET,
    })?;
    if !state.service_keys.has(audience) {
        return Err(INVALID_TARGET.into());
    }
    if !rules::is_known_scope(asked.scope.as_deref()) {
        return Err(INVALID_SCOPE.into());
    }
    let access_token = state.keyring.sign_service(&claims(state, service, audience))?;
    let expires_in = SERVICE_LIFETIME.as_secs();
    Ok(unkept(&TokenView { access_token, token_type: "Bearer", expires_in, scope: SCOPE }))
}

fn claims(state: &State, service: String, audience: &str) -> ServiceClaims {
    let now = state.clock.now();
    ServiceClaims {
        iss: state.issuer.to_string(),
        sub: service.clone(),
        aud: vec![audience.to_owned()],
        iat: now.as_second(),
        exp: now.as_second() + SERVICE_LIFETIME.as_secs(),
        jti: TokenId::at(now),
        client_id: service,
        scope: SCOPE.into(),
    }
}

impl TokenRequest {
    fn proof(&self) -> Proof<'_> {
        Proof {
            client_id: self.client_id.as_deref(),
            kind: self.client_assertion_type.as_deref(),
            assertion: self.client_assertion.as_deref(),
        }
    }
}
