//! Every SQL of revocations.

use db::{Connection, Result, Ts, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::row::RevocationRow;
use crate::schema::revocations;

/// Keeps a revocation.
pub async fn insert(conn: &mut Connection, row: &RevocationRow) -> Result<()> {
    diesel::insert_into(revocations::table).values(row).execute(conn).await?;
    Ok(())
}

/// Those that concern tokens which may live at `now`, all or those written since a moment.
pub async fn living(conn: &mut Connection, since: Option<Timestamp>, now: Timestamp) -> Result<Vec<RevocationRow>> {
    let living = RevocationRow::query().filter(revocations::expires_at.gt(Ts(now))).order(revocations::revoked_at);
    let rows = match since {
        None => living.load(conn).await,
        Some(since) => living.filter(revocations::revoked_at.ge(Ts(since))).load(conn).await,
    };
    Ok(rows?)
}

/// Deletes up to `most` of those that ended before `before`.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> Result<usize> {
    const SWEEP: &str = "DELETE FROM revocations WHERE id IN
        (SELECT id FROM revocations WHERE expires_at < $1 LIMIT $2)";
    let sweep = sql::<()>(SWEEP).bind::<Timestamptz, _>(Ts(before)).bind::<BigInt, _>(most);
    Ok(sweep.execute(conn).await?)
}
