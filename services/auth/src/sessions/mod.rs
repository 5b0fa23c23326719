//! Sessions: from a login to its end, carried on by refresh tokens that are used once each.
//!
//! Ending a session ends its refresh tokens at once and, told by the outbox, its access tokens everywhere. Whoever
//! locks an account and a session locks the account first, and sessions by id. Start with [`login`].

pub mod list;
pub mod login;
pub mod logout;
pub mod refresh;
pub mod revoke;
pub mod revoke_all;
pub mod step_up;

pub mod admission;
pub mod begin;
pub mod cookie;
pub mod credentials;
pub mod issue;
pub mod queries;
pub mod row;
pub mod rules;
pub mod visitor;

use authn::SECOND_FACTOR;
use contracts::{SessionId, UserId};
use db::{Connection, Tx};
use jiff::Timestamp;

use crate::revocations::{self, Ended};
use row::{RefreshRow, SessionRow};

pub use admission::{Admission, admit};
pub use rules::EndReason;
pub use visitor::Visitor;

/// Nobody has more of them at once than fit on a page.
const MOST: i64 = 100;

/// Which sessions of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// None of them.
    None,
    /// This one.
    One(SessionId),
    /// All but this one.
    AllBut(SessionId),
    /// All of them.
    All,
}

/// Ends sessions of an account, with all their tokens.
pub async fn end(tx: &mut Tx, user: UserId, which: Which, reason: EndReason) -> db::Result<Ended> {
    let mut ended = Ended::default();
    if which == Which::None {
        return Ok(ended);
    }
    let now = tx.now();
    for session in queries::locked_ids(tx, user, which).await? {
        queries::end(tx, session, reason, now).await?;
        ended.push(revocations::of_session(tx, session).await?);
    }
    Ok(ended)
}

/// The session that a refresh token with this digest carries on, or did, and the token.
pub async fn carried_by(conn: &mut Connection, token_hash: &[u8]) -> db::Result<Option<(SessionRow, RefreshRow)>> {
    let Some(token) = queries::token(conn, token_hash).await? else { return Ok(None) };
    let session = queries::session(conn, token.session_id).await?;
    Ok(session.map(|session| (session, token)))
}

/// The session goes on as that of somebody who proved himself now, by `shown` as well; nothing where it is over. Tokens
/// from before say what they said.
pub async fn prove(tx: &mut Tx, user: UserId, session: SessionId, shown: &[&str]) -> db::Result<Option<SessionRow>> {
    let now = tx.now();
    let row = queries::locked(tx, session).await?;
    let living = |row: &SessionRow| row.user_id == user && row.ended_at.is_none() && now < row.expires_at.0;
    let Some(row) = row.filter(living) else { return Ok(None) };
    let amr = rules::joined(row.amr.iter().flatten().map(String::as_str), shown);
    queries::prove(tx, session, &amr, now).await.map(Some)
}

/// All sessions of an account that were not ended: nobody else changes them until the transaction ends.
pub async fn lock_all(tx: &mut Tx, user: UserId) -> db::Result<()> {
    queries::locked_ids(tx, user, Which::All).await.map(drop)
}

/// No session of the account counts as opened with a second factor any more.
pub async fn without_second_factor(tx: &mut Tx, user: UserId) -> db::Result<()> {
    lock_all(tx, user).await?;
    queries::forget_method(tx, user, SECOND_FACTOR).await
}

/// The living sessions of an account, the one that was seen last first. Nobody has more than fit on a page.
pub async fn living(conn: &mut Connection, user: UserId, now: Timestamp) -> db::Result<Vec<SessionRow>> {
    queries::living(conn, user, now, MOST).await
}

/// Whether a session of an account, which is locked, goes on.
pub async fn is_open(tx: &mut Tx, user: UserId, session: SessionId) -> db::Result<bool> {
    let now = tx.now();
    let session = queries::locked(tx, session).await?.filter(|session| session.user_id == user);
    Ok(session.is_some_and(|session| session.ended_at.is_none() && now < session.expires_at.0))
}

/// Deletes up to `most` refresh tokens, then sessions, that ended before `before`; says how many of both.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> db::Result<usize> {
    let tokens = queries::sweep_tokens(conn, before, most).await?;
    Ok(tokens.max(queries::sweep_sessions(conn, before, most).await?))
}
