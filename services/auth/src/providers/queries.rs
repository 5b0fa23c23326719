//! Every SQL of journeys and codes.

use contracts::UserId;
use db::{Connection, Result, Ts, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::row::CodeRow;
use crate::schema::{exchange_codes, provider_returns};

/// Notes that a journey came back; false where it did before.
pub async fn come_back(conn: &mut Connection, state_hash: &[u8], expires_at: Timestamp) -> Result<bool> {
    let noted = diesel::insert_into(provider_returns::table)
        .values((provider_returns::state_hash.eq(state_hash), provider_returns::expires_at.eq(Ts(expires_at))))
        .on_conflict(provider_returns::state_hash)
        .do_nothing()
        .execute(conn)
        .await?;
    Ok(noted > 0)
}

/// Keeps a code.
pub async fn insert_code(conn: &mut Connection, code: &CodeRow) -> Result<()> {
    diesel::insert_into(exchange_codes::table).values(code).execute(conn).await?;
    Ok(())
}

/// The code with this digest.
pub async fn code(conn: &mut Connection, code_hash: &[u8]) -> Result<Option<CodeRow>> {
    Ok(CodeRow::query().filter(exchange_codes::code_hash.eq(code_hash)).first(conn).await.optional()?)
}

/// The same, which nobody else uses until the transaction ends.
pub async fn locked_code(conn: &mut Connection, code_hash: &[u8]) -> Result<Option<CodeRow>> {
    Ok(CodeRow::query().filter(exchange_codes::code_hash.eq(code_hash)).for_update().first(conn).await.optional()?)
}

/// Notes that a code was shown.
pub async fn use_code(conn: &mut Connection, code_hash: &[u8], now: Timestamp) -> Result<()> {
    diesel::update(exchange_codes::table.filter(exchange_codes::code_hash.eq(code_hash)))
        .set(exchange_codes::used_at.eq(Ts(now)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that all codes of an account were shown.
pub async fn void_codes(conn: &mut Connection, user: UserId, now: Timestamp) -> Result<()> {
    let open = exchange_codes::table.filter(exchange_codes::user_id.eq(user)).filter(exchange_codes::used_at.is_null());
    diesel::update(open).set(exchange_codes::used_at.eq(Ts(now))).execute(conn).await?;
    Ok(())
}

/// Deletes up to `most` journeys that could not come back any more before `before`.
pub async fn sweep_returns(conn: &mut Connection, before: Timestamp, most: i64) -> Result<usize> {
    const SWEEP: &str = "DELETE FROM provider_returns WHERE state_hash IN
        (SELECT state_hash FROM provider_returns WHERE expires_at < $1 LIMIT $2)";
    let sweep = sql::<()>(SWEEP).bind::<Timestamptz, _>(Ts(before)).bind::<BigInt, _>(most);
    Ok(sweep.execute(conn).await?)
}

/// Deletes up to `most` codes that stopped working before `before`.
pub async fn sweep_codes(conn: &mut Connection, before: Timestamp, most: i64) -> Result<usize> {
    const SWEEP: &str = "DELETE FROM exchange_codes WHERE code_hash IN
        (SELECT code_hash FROM exchange_codes WHERE expires_at < $1 LIMIT $2)";
    let sweep = sql::<()>(SWEEP).bind::<Timestamptz, _>(Ts(before)).bind::<BigInt, _>(most);
    Ok(sweep.execute(conn).await?)
}
