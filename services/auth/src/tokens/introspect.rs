//! POST /auth/introspect: what a token is, told to services (RFC 7662).

use actix_web::HttpResponse;
use authn::{Claims, ServiceClaims};
use contracts::{Roles, SessionId, Tier, TokenId};
use serde::{Deserialize, Serialize};
use server::{Data, Raw, Refusal, ServiceCaller, post};
use utoipa::ToSchema;

use super::client::Proof;
use super::denial::{Denial, INVALID_REQUEST, Refused, told, unkept};
use super::form::OauthForm;
use super::rules::SCOPE;
use super::shown::{Shown, find};
use crate::accounts;
use crate::sessions::row::{RefreshRow, SessionRow};
use crate::sessions::rules::{Meaning, meaning};
use crate::state::State;

/// What to look at, and who asks.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "token": "eyJ…" }))]
pub struct Introspection {
    /// The token.
    token: Option<String>,
    /// What it may be; not needed.
    pub token_type_hint: Option<String>,
    /// Who asks, where no service token for auth says so: see `/auth/token`.
    client_assertion_type: Option<String>,
    /// The same.
    client_assertion: Option<String>,
    /// The same.
    client_id: Option<String>,
}

/// What it is. Of a token that is not accepted nothing is told but that.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct IntrospectionView {
    /// Whether it is accepted.
    active: bool,
    /// `Bearer`, of a token that calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    /// What it allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// The client it was issued to.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// Who issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    /// The account or the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    /// For whom it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<Vec<String>>,
    /// When it was issued, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    /// When it expires, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    jti: Option<TokenId>,
    /// The session of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    sid: Option<SessionId>,
    /// What the account may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    roles: Option<Roles>,
    /// What it pays for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    tier: Option<Tier>,
    /// Whether its address is proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
    /// When its owner last proved himself, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    /// By what.
    #[serde(skip_serializing_if = "Option::is_none")]
    amr: Option<Vec<String>>,
}

/// Tells a service what a token is. A service proves itself by an assertion, as for `/auth/token`, or by a service token
/// for `auth`. A token that was revoked, has expired, is for another service or was never ours is just not active.
#[utoipa::path(tag = "auth", operation_id = "introspect_token", security(("bearer" = [])),
    request_body(content = Introspection, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Here it is.", body = inline(IntrospectionView)),
        (status = 400, description = "There is no token to look at.", body = inline(Denial)),
        (status = 401, description = "No service proved that it asks.", body = inline(Denial))))]
#[post("/auth/introspect")]
pub async fn introspect(
    state: Data<State>,
    caller: Result<ServiceCaller, Refusal>,
    form: OauthForm<Introspection>,
) -> Result<Raw, Refusal> {
    told(look(&state, caller, form).await)
}

async fn look(
    state: &State,
    caller: Result<ServiceCaller, Refusal>,
    form: OauthForm<Introspection>,
) -> Result<HttpResponse, Refused> {
    let asked = form.read()?;
    let proof = asked.proof();
    let service = match caller {
        _ if proof.is_tried() => proof.service(state).await?,
        Ok(caller) => caller.service,
        Err(Refusal(problem)) => return Err(problem.into()),
    };
    let token = asked.token.as_deref().filter(|token| !token.is_empty()).ok_or(INVALID_REQUEST)?;
    let view = match find(state, token).await? {
        Shown::Access(claims) => IntrospectionView::of_account(*claims),
        Shown::Service(claims) if claims.sub == service || claims.aud.contains(&service) => {
            IntrospectionView::of_service(*claims)
        }
        Shown::Refresh(carried) => of_session(state, &carried.0, &carried.1).await?,
        Shown::Service(_) | Shown::Nothing => IntrospectionView::default(),
    };
    Ok(unkept(&view))
}

/// A refresh token is active for as long as it carries its session on.
async fn of_session(state: &State, session: &SessionRow, token: &RefreshRow) -> db::Result<IntrospectionView> {
    let carries = meaning(&token.shown(session), state.clock.now()) == Meaning::First;
    let mut conn = state.db.conn().await?;
    let account = accounts::whole(&mut conn, session.user_id).await?;
    if !carries || !account.is_some_and(|account| account.user.is_active) {
        return Ok(IntrospectionView::default());
    }
    Ok(IntrospectionView {
        active: true,
        scope: Some(SCOPE.into()),
        client_id: Some(session.client_id.clone()),
        iss: Some(state.issuer.to_string()),
        sub: Some(session.user_id.to_string()),
        iat: Some(token.issued_at.0.as_second()),
        exp: Some(token.expires_at.0.as_second()),
        sid: Some(session.id),
        ..IntrospectionView::default()
    })
}

impl IntrospectionView {
    fn of_account(claims: Claims) -> Self {
        Self {
            active: true,
            token_type: Some("Bearer"),
            scope: Some(claims.scope),
            client_id: Some(claims.client_id),
            iss: Some(claims.iss),
            sub: Some(claims.sub.to_string()),
            aud: Some(claims.aud),
            iat: Some(claims.iat),
            exp: Some(claims.exp),
            jti: Some(claims.jti),
            sid: Some(claims.sid),
            roles: Some(claims.roles),
            tier: Some(claims.tier),
            email_verified: Some(claims.email_verified),
            auth_time: Some(claims.auth_time),
            amr: Some(claims.amr),
        }
    }

    fn of_service(claims: ServiceClaims) -> Self {
        Self {
            active: true,
            token_type: Some("Bearer"),
            scope: Some(claims.scope),
            client_id: Some(claims.client_id),
            iss: Some(claims.iss),
            sub: Some(claims.sub),
            aud: Some(claims.aud),
            iat: Some(claims.iat),
            exp: Some(claims.exp),
            jti: Some(claims.jti),
            ..Self::default()
        }
    }
}

impl Introspection {
    fn proof(&self) -> Proof<'_> {
        Proof {
            client_id: self.client_id.as_deref(),
            kind: self.client_assertion_type.as_deref(),
            assertion: self.client_assertion.as_deref(),
        }
    }
}
