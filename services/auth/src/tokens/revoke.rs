//! POST /auth/revoke: ends a token, for whoever has it (RFC 7009).

use actix_web::HttpResponse;
use contracts::{SessionId, TokenId, UserId};
use db::Tx;
use jiff::Timestamp;
use serde::Deserialize;
use server::{Data, Raw, Refusal, post};
use utoipa::ToSchema;

use super::client::Proof;
use super::denial::{Denial, INVALID_REQUEST, Refused, told};
use super::form::OauthForm;
use super::shown::{Shown, find};
use crate::history::{self, Kind};
use crate::revocations::{self, Ended};
use crate::sessions::{self, EndReason, Visitor, Which};
use crate::state::State;

/// What to end.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "token": "Zk9…" }))]
pub struct Revocation {
    /// The token: a refresh token ends its session, an access token or a service token ends itself.
    token: Option<String>,
    /// What it may be; not needed.
    pub token_type_hint: Option<String>,
    /// Who asks, where a service says so: see `/auth/token`. Having the token is enough.
    client_assertion_type: Option<String>,
    /// The same.
    client_assertion: Option<String>,
    /// The same.
    client_id: Option<String>,
}

/// Ends a token. Whether there was anything to end is not told.
#[utoipa::path(tag = "auth", operation_id = "revoke_token", security(()),
    request_body(content = Revocation, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "It is over, or never was."),
        (status = 400, description = "There is no token to end.", body = inline(Denial)),
        (status = 401, description = "A service tried to prove itself, and did not.", body = inline(Denial))))]
#[post("/auth/revoke")]
pub async fn revoke(state: Data<State>, visitor: Visitor, form: OauthForm<Revocation>) -> Result<Raw, Refusal> {
    told(end(&state, &visitor, form).await)
}

async fn end(state: &State, visitor: &Visitor, form: OauthForm<Revocation>) -> Result<HttpResponse, Refused> {
    let asked = form.read()?;
    let proof = asked.proof();
    if proof.is_tried() {
        proof.service(state).await?;
    }
    let token = asked.token.as_deref().filter(|token| !token.is_empty()).ok_or(INVALID_REQUEST)?;
    let _turn = state.turns.of(&token).await;
    let ended = match find(state, token).await? {
        Shown::Access(claims) => {
            end_token(state, claims.jti, claims.exp, Some((claims.sub, claims.sid, visitor))).await?
        }
        Shown::Service(claims) => end_token(state, claims.jti, claims.exp, None).await?,
        Shown::Refresh(carried) => end_session(state, carried.0.user_id, carried.0.id, visitor).await?,
        Shown::Nothing => Ended::default(),
    };
    ended.tell(state);
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).finish())
}

/// Ends one token; of an account's its owner can read so.
async fn end_token(
    state: &State,
    token: TokenId,
    exp: i64,
    of: Option<(UserId, SessionId, &Visitor)>,
) -> db::Result<Ended> {
    state
        .db
        .tx(async |tx: &mut Tx| -> db::Result<Ended> {
            let expires_at = Timestamp::from_second(exp).unwrap_or(tx.now());
            let mut ended = Ended::default();
            ended.push(revocations::of_token(tx, token, expires_at).await?);
            if let Some((user, session, visitor)) = of {
                history::note(tx, Kind::TokenRevoked, Some(user), Some(session), visitor).await?;
            }
            Ok(ended)
        })
        .await
}

/// Ends a session that goes on, with all its tokens.
async fn end_session(state: &State, user: UserId, session: SessionId, visitor: &Visitor) -> db::Result<Ended> {
    state
        .db
        .tx(async |tx: &mut Tx| -> db::Result<Ended> {
            let ended = sessions::end(tx, user, Which::One(session), EndReason::Revoked).await?;
            if ended.count() > 0 {
                history::note(tx, Kind::SessionsEnded, Some(user), Some(session), visitor).await?;
            }
            Ok(ended)
        })
        .await
}

impl Revocation {
    fn proof(&self) -> Proof<'_> {
        Proof {
            client_id: self.client_id.as_deref(),
            kind: self.client_assertion_type.as_deref(),
            assertion: self.client_assertion.as_deref(),
        }
    }
}
