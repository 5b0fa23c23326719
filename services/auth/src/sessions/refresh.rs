//! POST /auth/refresh: the next tokens of a session, for a refresh token that is good once.

use actix_web::HttpRequest;
use contracts::auth::RefreshReuseDetected;
use contracts::{SessionId, UserId};
use db::{Ts, Tx};
use problem::Problem;
use serde::Deserialize;
use server::{Answer, AnswerExt, Data, answer, post};
use utoipa::ToSchema;

use super::issue::{Open, TokensView};
use super::row::{RefreshRow, SessionRow};
use super::rules::{EndReason, Meaning, meaning, refresh_expiry};
use super::visitor::Visitor;
use super::{Which, cookie, end, queries};
use crate::accounts::{self, row::AccountRow};
use crate::codes;
use crate::history::{self, Kind};
use crate::optional::OptionalJson;
use crate::revocations::Ended;
use crate::secrets::Token;
use crate::state::State;

/// The refresh token; or else the cookie `__Host-rt` holds it.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "refresh_token": "Zk9…" }))]
pub struct Refresh {
    /// The refresh token.
    #[schema(min_length = 43, max_length = 43)]
    refresh_token: String,
}

/// Carries a session on. Within 10 s the same token gives the same successor, unless that was used already; else it
/// ends the session, since somebody else may have it.
#[utoipa::path(tag = "auth", operation_id = "refresh_session", security(()), request_body = Refresh)]
#[post("/auth/refresh")]
pub async fn refresh(
    state: Data<State>,
    visitor: Visitor,
    request: HttpRequest,
    body: OptionalJson<Refresh>,
) -> Answer<TokensView> {
    let (token, by_cookie) = match body.0 {
        Some(body) => (body.refresh_token, false),
        None => (cookie::read(&request, &state.public_url)?.unwrap_or_default(), true),
    };
    let open = carry_on(&state, &visitor, &token).await?;
    let (next, now) = (open.refresh.show(), state.clock.now());
    let max_age = open.refresh_expires_at.duration_since(now).as_secs();
    let tokens = answer(open.tokens(&state, now)?);
    if by_cookie { tokens.header("set-cookie", cookie::write(&next, max_age)) } else { tokens }
}

/// What became of a token that was shown.
enum Outcome {
    Open(Box<Open>),
    Reused(Ended),
    Dead,
}

/// The session that this refresh token carries on, with its successor.
pub async fn carry_on(state: &State, visitor: &Visitor, token: &str) -> Result<Open, Problem> {
    let invalid = || codes::unauthorized(&codes::REFRESH_INVALID);
    let digest = Token::read(token).ok_or_else(invalid)?.digest();
    let _turn = state.turns.of(&digest).await;
    let mut conn = state.db.conn().await?;
    let owner = queries::owner_of(&mut conn, &digest).await?;
    drop(conn);
    let (session, user) = owner.ok_or_else(invalid)?;
    let policy = &state.policies.refresh;
    let decision = state.limiter.check_shared(policy, session.0.as_u128(), 1).await;
    if !decision.allowed {
        return Err(decision.problem(policy));
    }
    let shown = ShownToken { state, visitor, digest: &digest, session, user };
    let shown = &shown;
    match state.db.tx(async |tx: &mut Tx| shown.judge(tx).await).await? {
        Outcome::Open(open) => Ok(*open),
        Outcome::Dead => Err(invalid()),
        Outcome::Reused(ended) => {
            ended.tell(state);
            tracing::warn!(user.id = %user, session.id = %session, "a refresh token was used again: its session is over");
            Err(codes::unauthorized(&codes::REFRESH_REUSED))
        }
    }
}

struct ShownToken<'a> {
    state: &'a State,
    visitor: &'a Visitor,
    digest: &'a [u8],
    session: SessionId,
    user: UserId,
}

impl ShownToken<'_> {
    /// The account is locked before the session, so that neither changes meanwhile.
    async fn judge(&self, tx: &mut Tx) -> Result<Outcome, Problem> {
        let now = tx.now();
        let account = accounts::shared_whole(tx, self.user).await?.filter(|account| account.user.is_active);
        let session = queries::locked(tx, self.session).await?;
        let token = queries::token(tx, self.digest).await?;
        let (Some(account), Some(session), Some(token)) = (account, session, token) else {
            return Ok(Outcome::Dead);
        };
        match meaning(&token.shown(&session), now) {
            Meaning::Dead => Ok(Outcome::Dead),
            Meaning::First => self.rotate(tx, account, session, token).await,
            Meaning::Again => self.repeat(tx, account, session, token).await,
            Meaning::Stolen => self.kill(tx).await,
        }
    }

    /// Uses the token and makes its successor.
    async fn rotate(
        &self,
        tx: &mut Tx,
        account: AccountRow,
        session: SessionRow,
        token: RefreshRow,
    ) -> Result<Outcome, Problem> {
        let now = tx.now();
        queries::use_token(tx, &token, self.visitor.network().as_deref(), now).await?;
        let counter = token.counter + 1;
        let successor = self.state.secrets.refresh_token(&session.family_salt, counter);
        let refresh_expires_at = refresh_expiry(now, session.expires_at.0);
        let next = RefreshRow {
            token_hash: successor.digest(),
            session_id: session.id,
            counter,
            issued_at: Ts(now),
            expires_at: Ts(refresh_expires_at),
            used_at: None,
        };
        queries::insert_token(tx, &next).await?;
        Ok(Outcome::Open(Box::new(Open { session, account, refresh: successor, refresh_expires_at })))
    }

    /// The successor once more, computed as it was. A successor that was used did arrive: then nobody honest asks again.
    async fn repeat(
        &self,
        tx: &mut Tx,
        account: AccountRow,
        session: SessionRow,
        token: RefreshRow,
    ) -> Result<Outcome, Problem> {
        let counter = token.counter + 1;
        let Some(next) = queries::token_numbered(tx, session.id, counter).await? else { return Ok(Outcome::Dead) };
        if next.used_at.is_some() {
            return self.kill(tx).await;
        }
        let successor = self.state.secrets.refresh_token(&session.family_salt, counter);
        Ok(Outcome::Open(Box::new(Open {
            session,
            account,
            refresh: successor,
            refresh_expires_at: next.expires_at.0,
        })))
    }

    /// Ends the session: one of the two who have the token is not its owner.
    async fn kill(&self, tx: &mut Tx) -> Result<Outcome, Problem> {
        let ended = end(tx, self.user, Which::One(self.session), EndReason::Reuse).await?;
        history::note(tx, Kind::RefreshReused, Some(self.user), Some(self.session), self.visitor).await?;
        outbox::emit(tx, &RefreshReuseDetected { user_id: self.user, sid: self.session }).await?;
        Ok(Outcome::Reused(ended))
    }
}
