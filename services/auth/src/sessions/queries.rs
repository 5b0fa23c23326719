//! Every SQL of sessions.

use contracts::{SessionId, UserId};
use db::{Connection, Result, Ts, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::Which;
use super::row::{NewSessionRow, RefreshRow, SessionRow};
use super::rules::EndReason;
use crate::schema::{refresh_tokens, sessions};

/// Whose session a refresh token carries on.
pub async fn owner_of(conn: &mut Connection, token_hash: &[u8]) -> Result<Option<(SessionId, UserId)>> {
    let owner = refresh_tokens::table
        .inner_join(sessions::table)
        .filter(refresh_tokens::token_hash.eq(token_hash))
        .select((sessions::id, sessions::user_id))
        .first(conn)
        .await
        .optional()?;
    Ok(owner)
}

/// The session, which nobody else changes until the transaction ends.
pub async fn locked(conn: &mut Connection, session: SessionId) -> Result<Option<SessionRow>> {
    Ok(SessionRow::query().filter(sessions::id.eq(session)).for_update().first(conn).await.optional()?)
}

/// A session.
pub async fn session(conn: &mut Connection, session: SessionId) -> Result<Option<SessionRow>> {
    Ok(SessionRow::query().filter(sessions::id.eq(session)).first(conn).await.optional()?)
}

/// The refresh token with this digest; its session is locked, where that matters.
pub async fn token(conn: &mut Connection, token_hash: &[u8]) -> Result<Option<RefreshRow>> {
    Ok(RefreshRow::query().filter(refresh_tokens::token_hash.eq(token_hash)).first(conn).await.optional()?)
}

/// The refresh token number `counter` of a session.
pub async fn token_numbered(conn: &mut Connection, session: SessionId, counter: i32) -> Result<Option<RefreshRow>> {
    let numbered =
        RefreshRow::query().filter(refresh_tokens::session_id.eq(session)).filter(refresh_tokens::counter.eq(counter));
    Ok(numbered.first(conn).await.optional()?)
}

/// Opens a session.
pub async fn insert(conn: &mut Connection, session: &NewSessionRow<'_>) -> Result<SessionRow> {
    let row = diesel::insert_into(sessions::table)
        .values(session)
        .returning(SessionRow::as_returning())
        .get_result(conn)
        .await?;
    Ok(row)
}

/// Keeps a refresh token.
pub async fn insert_token(conn: &mut Connection, token: &RefreshRow) -> Result<()> {
    diesel::insert_into(refresh_tokens::table).values(token).execute(conn).await?;
    Ok(())
}

/// Notes that a refresh token was used, and its session with it, from this network where that is known.
pub async fn use_token(conn: &mut Connection, token: &RefreshRow, network: Option<&str>, now: Timestamp) -> Result<()> {
    diesel::update(refresh_tokens::table.filter(refresh_tokens::token_hash.eq(&token.token_hash)))
        .set(refresh_tokens::used_at.eq(Ts(now)))
        .execute(conn)
        .await?;
    diesel::update(sessions::table.filter(sessions::id.eq(token.session_id)))
        .set((sessions::last_seen_at.eq(Ts(now)), network.map(|network| sessions::seen_ip_prefix.eq(network))))
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether the account was ever entered by such a device from this network.
pub async fn is_known_device(conn: &mut Connection, user: UserId, device: &str, network: Option<&str>) -> Result<bool> {
    let known = sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::device.eq(device))
        .filter(sessions::ip_prefix.is_not_distinct_from(network));
    Ok(diesel::select(diesel::dsl::exists(known)).get_result(conn).await?)
}

/// The living sessions of an account at `now`, the newest first.
pub async fn living(conn: &mut Connection, user: UserId, now: Timestamp, most: i64) -> Result<Vec<SessionRow>> {
    let rows = SessionRow::query()
        .filter(sessions::user_id.eq(user))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(Ts(now)))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .limit(most)
        .load(conn)
        .await?;
    Ok(rows)
}

/// Sessions of an account that were not ended, in the order in which everybody locks them.
pub async fn locked_ids(conn: &mut Connection, user: UserId, which: Which) -> Result<Vec<SessionId>> {
    let open = sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::ended_at.is_null())
        .select(sessions::id)
        .order(sessions::id)
        .for_update();
    let ids = match which {
        Which::None => return Ok(Vec::new()),
        Which::All => open.load(conn).await,
        Which::One(id) => open.filter(sessions::id.eq(id)).load(conn).await,
        Which::AllBut(id) => open.filter(sessions::id.ne(id)).load(conn).await,
    };
    Ok(ids?)
}

/// Notes that the owner of a session proved himself anew, and by what in all.
pub async fn prove(conn: &mut Connection, session: SessionId, amr: &[&str], now: Timestamp) -> Result<SessionRow> {
    let row = diesel::update(sessions::table.filter(sessions::id.eq(session)))
        .set((sessions::auth_time.eq(Ts(now)), sessions::amr.eq(amr)))
        .returning(SessionRow::as_returning())
        .get_result(conn)
        .await?;
    Ok(row)
}

/// Takes `method` from what the sessions of an account that were not ended were proven by.
pub async fn forget_method(conn: &mut Connection, user: UserId, method: &str) -> Result<()> {
    const FORGET: &str = "UPDATE sessions SET amr = array_remove(amr, $2)
        WHERE user_id = $1 AND ended_at IS NULL AND $2 = ANY (amr)";
    sql::<()>(FORGET).bind::<SqlUuid, _>(user).bind::<Text, _>(method).execute(conn).await?;
    Ok(())
}

/// Ends a session.
pub async fn end(conn: &mut Connection, session: SessionId, reason: EndReason, now: Timestamp) -> Result<()> {
    diesel::update(sessions::table.filter(sessions::id.eq(session)))
        .set((sessions::ended_at.eq(Ts(now)), sessions::end_reason.eq(reason.name())))
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes up to `most` refresh tokens that stopped working before `before`.
pub async fn sweep_tokens(conn: &mut Connection, before: Timestamp, most: i64) -> Result<usize> {
    const SWEEP: &str = "DELETE FROM refresh_tokens WHERE token_hash IN
        (SELECT token_hash FROM refresh_tokens WHERE expires_at < $1 LIMIT $2)";
    let sweep = sql::<()>(SWEEP).bind::<Timestamptz, _>(Ts(before)).bind::<BigInt, _>(most);
    Ok(sweep.execute(conn).await?)
}

/// Deletes up to `most` sessions that could not be refreshed any more before `before`.
pub async fn sweep_sessions(conn: &mut Connection, before: Timestamp, most: i64) -> Result<usize> {
    const SWEEP: &str = "DELETE FROM sessions WHERE id IN
        (SELECT id FROM sessions WHERE expires_at < $1 LIMIT $2)";
    let sweep = sql::<()>(SWEEP).bind::<Timestamptz, _>(Ts(before)).bind::<BigInt, _>(most);
    Ok(sweep.execute(conn).await?)
}
