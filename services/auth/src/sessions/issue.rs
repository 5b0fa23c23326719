//! What a session is carried by: an access token that says who it is, and a refresh token that says nothing.

use authn::{AUDIENCE, Claims, LIFETIME};
use contracts::TokenId;
use jiff::Timestamp;
use problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use super::row::SessionRow;
use crate::accounts::row::{AccountRow, UserRow};
use crate::accounts::view::AccountView;
use crate::secrets::Token;
use crate::state::State;
use crate::tokens::rules::SCOPE;

/// How far clocks may differ.
const SKEW_SECS: i64 = 30;

/// What a login and a refresh answer.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "access_token": "eyJ…", "token_type": "bearer", "expires_in": 1800, "refresh_token": "Zk9…",
    "refresh_expires_in": 604800, "user": {
        "id": "01970000-0000-7000-8000-000000000001", "email": "ada@example.org", "username": "ada",
        "roles": ["user"], "tier": "FREE", "is_admin": false, "is_superuser": false, "is_active": true,
        "is_verified": true, "full_name": "Ada Lovelace", "profile_picture_url": null,
        "preferences": {
            "language": "fr", "timezone": "Europe/Paris", "day_start_hour": 0,
            "notifications": { "email": true, "push": true, "ws": true },
        },
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
    },
}))]
pub struct TokensView {
    /// Says who calls, to every service.
    access_token: String,
    /// Always `bearer`.
    token_type: &'static str,
    /// Seconds until it has to be refreshed.
    expires_in: i64,
    /// Good for one refresh.
    refresh_token: String,
    /// Seconds until it cannot be used any more.
    refresh_expires_in: i64,
    /// The account.
    user: AccountView,
}

/// A session with its account and its newest refresh token.
pub struct Open {
    /// The session.
    pub session: SessionRow,
    /// Its account.
    pub account: AccountRow,
    /// Its refresh token.
    pub refresh: Token,
    /// When that stops working.
    pub refresh_expires_at: Timestamp,
}

/// What a session that goes on gets when its owner proved himself anew. Its refresh token stays the same.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({ "access_token": "eyJ…", "token_type": "bearer", "expires_in": 1800 }))]
pub struct AccessView {
    /// Says who calls, and what was proven just now.
    access_token: String,
    /// Always `bearer`.
    token_type: &'static str,
    /// Seconds until it has to be refreshed.
    expires_in: i64,
}

impl AccessView {
    /// A fresh access token of a session.
    pub fn of(session: &SessionRow, user: &UserRow, state: &State, now: Timestamp) -> Result<Self, Problem> {
        let access_token = state.keyring.sign(&claims(session, user, state, now))?;
        Ok(Self { access_token, token_type: "bearer", expires_in: LIFETIME.as_secs() })
    }
}

impl Open {
    /// Both tokens, with the account.
    pub fn tokens(self, state: &State, now: Timestamp) -> Result<TokensView, Problem> {
        let access_token = state.keyring.sign(&claims(&self.session, &self.account.user, state, now))?;
        Ok(TokensView {
            access_token,
            token_type: "bearer",
            expires_in: LIFETIME.as_secs(),
            refresh_token: self.refresh.show(),
            refresh_expires_in: self.refresh_expires_at.duration_since(now).as_secs_f64().ceil() as i64,
            user: AccountView::from(self.account),
        })
    }
}

fn claims(session: &SessionRow, user: &UserRow, state: &State, now: Timestamp) -> Claims {
    let iat = issued_at(user, now);
    Claims {
        iss: state.issuer.to_string(),
        sub: user.id,
        aud: vec![AUDIENCE.into()],
        iat,
        exp: iat + LIFETIME.as_secs(),
        nbf: None,
        jti: TokenId::at(now),
        sid: session.id,
        client_id: session.client_id.clone(),
        scope: SCOPE.into(),
        roles: user.roles(),
        tier: user.tier(),
        email_verified: user.is_verified,
        auth_time: session.auth_time.0.as_second(),
        amr: session.amr.iter().flatten().cloned().collect(),
        kind: "access".into(),
    }
}

/// Tokens are dated in whole seconds. One that is issued in the second in which the older ones were revoked is dated
/// into the next, so that it is not taken for one of them.
fn issued_at(user: &UserRow, now: Timestamp) -> i64 {
    let now = now.as_second();
    let earliest = user.tokens_not_before.map_or(now, |at| at.0.as_second());
    if earliest > now + SKEW_SECS { now } else { now.max(earliest) }
}
