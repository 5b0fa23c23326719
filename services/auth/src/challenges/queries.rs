//! Every SQL of challenges.

use db::{Connection, Result, Ts, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::row::ChallengeRow;
use crate::schema::mfa_challenges;

/// The challenge.
pub async fn find(conn: &mut Connection, token_hash: &[u8]) -> Result<Option<ChallengeRow>> {
    Ok(ChallengeRow::query().filter(mfa_challenges::token_hash.eq(token_hash)).first(conn).await.optional()?)
}

/// The challenge, which nobody else changes until the transaction ends.
pub async fn locked(conn: &mut Connection, token_hash: &[u8]) -> Result<Option<ChallengeRow>> {
    let challenge = ChallengeRow::query().filter(mfa_challenges::token_hash.eq(token_hash)).for_update();
    Ok(challenge.first(conn).await.optional()?)
}

/// Keeps a challenge.
pub async fn insert(conn: &mut Connection, challenge: &ChallengeRow) -> Result<()> {
    diesel::insert_into(mfa_challenges::table).values(challenge).execute(conn).await?;
    Ok(())
}

/// Counts a try.
pub async fn count_try(conn: &mut Connection, token_hash: &[u8]) -> Result<()> {
    let challenge = mfa_challenges::table.filter(mfa_challenges::token_hash.eq(token_hash));
    diesel::update(challenge).set(mfa_challenges::tries.eq(mfa_challenges::tries + 1)).execute(conn).await?;
    Ok(())
}

/// Notes that a challenge was used.
pub async fn use_up(conn: &mut Connection, token_hash: &[u8], now: Timestamp) -> Result<()> {
    let challenge = mfa_challenges::table.filter(mfa_challenges::token_hash.eq(token_hash));
    diesel::update(challenge).set(mfa_challenges::used_at.eq(Ts(now))).execute(conn).await?;
    Ok(())
}

/// Deletes up to `most` challenges that were over before `before`.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> Result<usize> {
    const SWEEP: &str = "DELETE FROM mfa_challenges WHERE token_hash IN
        (SELECT token_hash FROM mfa_challenges WHERE expires_at < $1 LIMIT $2)";
    let sweep = sql::<()>(SWEEP).bind::<Timestamptz, _>(Ts(before)).bind::<BigInt, _>(most);
    Ok(sweep.execute(conn).await?)
}
