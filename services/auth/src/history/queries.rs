//! Every SQL of the history.

use db::{Connection, Result, Ts, sql};
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::row::SecurityEventRow;
use crate::schema::security_events;

/// Keeps an event.
pub async fn insert(conn: &mut Connection, row: &SecurityEventRow) -> Result<()> {
    diesel::insert_into(security_events::table).values(row).execute(conn).await?;
    Ok(())
}

/// Deletes up to `most` events of before `before`.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> Result<usize> {
    const SWEEP: &str = "DELETE FROM security_events WHERE id IN
        (SELECT id FROM security_events WHERE created_at < $1 LIMIT $2)";
    let sweep = sql::<()>(SWEEP).bind::<Timestamptz, _>(Ts(before)).bind::<BigInt, _>(most);
    Ok(sweep.execute(conn).await?)
}
