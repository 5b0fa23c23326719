//! What every verifier refuses: kept in a table, told by the outbox, read whole by whoever may have missed some.
//!
//! A revocation is written and told in the transaction of its cause, and outlives the last token it concerns. Start
//! with [`of_session`].

pub mod internal;
pub mod queries;
pub mod row;

use authn::{LIFETIME, Snapshot};
use contracts::auth::SessionRevoked;
use contracts::{EventId, SessionId, TokenId, UserId};
use db::{Connection, Ts, Tx};
use jiff::{SignedDuration, Timestamp};

use crate::state::State;
use row::RevocationRow;

/// How far clocks may differ, twice, and a little time to issue a token that was begun before.
const MARGIN: SignedDuration = SignedDuration::from_mins(2);

/// What a transaction revoked. The verifier of this process is told once it is committed; all others hear it.
#[derive(Debug, Default)]
#[must_use = "this process's verifier has to be told"]
pub struct Ended(Vec<SessionRevoked>);

impl Ended {
    /// Tells this process's verifier.
    pub fn tell(&self, state: &State) {
        let now = state.clock.now();
        self.0.iter().for_each(|event| state.verifier.revoke(event, now));
    }

    /// How many sessions were ended.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn push(&mut self, event: SessionRevoked) {
        self.0.push(event);
    }
}

/// Revokes the tokens of a session.
pub async fn of_session(tx: &mut Tx, session: SessionId) -> db::Result<SessionRevoked> {
    let now = tx.now();
    revoke(tx, RevocationRow { session_id: Some(session), ..row(now) }).await
}

/// Revokes one token, which expires then.
pub async fn of_token(tx: &mut Tx, token: TokenId, expires_at: Timestamp) -> db::Result<SessionRevoked> {
    let now = tx.now();
    revoke(tx, RevocationRow { token_id: Some(token), expires_at: Ts(expires_at + MARGIN), ..row(now) }).await
}

/// Revokes the tokens that were issued to an account before `not_before`.
pub async fn of_user(tx: &mut Tx, user: UserId, not_before: Timestamp) -> db::Result<SessionRevoked> {
    let now = tx.now();
    revoke(tx, RevocationRow { user_id: Some(user), not_before: Some(Ts(not_before)), ..row(now) }).await
}

/// Everything that may still be needed at `now`, or what was added `since`.
pub async fn snapshot(conn: &mut Connection, since: Option<Timestamp>, now: Timestamp) -> db::Result<Snapshot> {
    let rows = queries::living(conn, since, now).await?;
    Ok(Snapshot { items: rows.iter().map(event).collect(), as_of: now })
}

/// Deletes up to `most` revocations that ended before `before`; says how many.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> db::Result<usize> {
    queries::sweep(conn, before, most).await
}

async fn revoke(tx: &mut Tx, row: RevocationRow) -> db::Result<SessionRevoked> {
    queries::insert(tx, &row).await?;
    let event = event(&row);
    outbox::emit(tx, &event).await?;
    Ok(event)
}

fn row(now: Timestamp) -> RevocationRow {
    RevocationRow {
        id: EventId::at(now).0,
        session_id: None,
        token_id: None,
        user_id: None,
        not_before: None,
        revoked_at: Ts(now),
        expires_at: Ts(now + LIFETIME + MARGIN),
    }
}

fn event(row: &RevocationRow) -> SessionRevoked {
    SessionRevoked {
        sid: row.session_id,
        jti: row.token_id,
        user_id: row.user_id,
        not_before: row.not_before.map(|at| at.0),
        revoked_at: row.revoked_at.0,
        exp: row.expires_at.0,
    }
}
