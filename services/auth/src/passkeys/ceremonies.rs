//! From the question to a browser until its answer: kept here, found by a ticket, once and for five minutes.

use contracts::UserId;
use db::{Connection, Ts};
use jiff::Timestamp;
use problem::Problem;
use serde_json::Value;

use super::queries;
use super::relying_party::Asked;
use super::row::CeremonyRow;
use super::rules::{Purpose, WITHIN};
use super::unproven::{Refused, Unproven};
use super::view::AskedView;
use crate::secrets::Token;
use crate::state::State;

/// What somebody is about to do with a passkey.
#[derive(Clone, Copy, Debug)]
pub struct Errand {
    /// What for.
    pub purpose: Purpose,
    /// Whose passkey it has to be; nobody's in particular where somebody signs in by it alone.
    pub user: Option<UserId>,
}

/// Keeps what was asked; answers what the browser is given, with a new ticket.
pub async fn begin(state: &State, errand: Errand, asked: Asked) -> Result<AskedView, Problem> {
    let ticket = Token::random()?;
    let view = begin_with(state, &ticket, errand, asked).await?;
    Ok(AskedView { ticket: Some(ticket.show()), ..view })
}

/// The same with a ticket that the browser has already: what it was asked before counts no more.
pub async fn begin_with(state: &State, ticket: &Token, errand: Errand, asked: Asked) -> Result<AskedView, Problem> {
    let now = state.clock.now();
    let row = CeremonyRow {
        ticket_hash: ticket.digest(),
        user_id: errand.user,
        purpose: errand.purpose.name().into(),
        state: asked.state,
        created_at: Ts(now),
        expires_at: Ts(now + WITHIN),
        used_at: None,
    };
    queries::keep(&mut *state.db.conn().await?, &row).await?;
    Ok(AskedView { ticket: None, public_key: asked.options })
}

/// What the answer is judged by that is shown with this ticket at `now`. Once that is committed the ticket is used up,
/// whatever the answer is worth.
pub async fn take(conn: &mut Connection, ticket: &str, errand: Errand, now: Timestamp) -> Result<Value, Unproven> {
    let refused = || Refused::passkey("ticket_invalid", errand.user);
    let digest = Token::read(ticket).ok_or_else(refused)?.digest();
    let state = queries::take(conn, &digest, errand.purpose, errand.user, now).await?;
    Ok(state.ok_or_else(refused)?)
}

/// The same, used up here and now.
pub async fn take_now(state: &State, ticket: &str, errand: Errand) -> Result<Value, Unproven> {
    let mut conn = state.db.conn().await?;
    take(&mut conn, ticket, errand, state.clock.now()).await
}
