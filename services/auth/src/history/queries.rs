//! Every SQL of the history.

use contracts::UserId;
use db::page::Page;
use db::{Connection, Result, Ts, sql};
use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::pg::Pg;
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::row::SecurityEventRow;
use crate::schema::security_events;

type EventSql = SqlTypeOf<AsSelect<SecurityEventRow, Pg>>;

/// The page behind (`$2`, `$3`).
const OF_USER: &str = "SELECT id, user_id, kind, session_id, reason, device, ip_prefix, identifier_hmac, ip_hmac,
        created_at
    FROM security_events WHERE user_id = $1 AND (created_at, id) < ($2, $3)
    ORDER BY created_at DESC, id DESC LIMIT $4";

/// Keeps an event.
pub async fn insert(conn: &mut Connection, row: &SecurityEventRow) -> Result<()> {
    diesel::insert_into(security_events::table).values(row).execute(conn).await?;
    Ok(())
}

/// What happened to an account, the latest first.
pub async fn of_user(conn: &mut Connection, user: UserId, page: &Page) -> Result<Vec<SecurityEventRow>> {
    let (at, id) = page.before();
    let latest = sql::<EventSql>(OF_USER).bind::<SqlUuid, _>(user).bind::<Timestamptz, _>(Ts(at));
    Ok(latest.bind::<SqlUuid, _>(id).bind::<BigInt, _>(page.rows()).load(conn).await?)
}

/// Deletes up to `most` events of before `before`.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> Result<usize> {
    const SWEEP: &str = "DELETE FROM security_events WHERE id IN
        (SELECT id FROM security_events WHERE created_at < $1 LIMIT $2)";
    let sweep = sql::<()>(SWEEP).bind::<Timestamptz, _>(Ts(before)).bind::<BigInt, _>(most);
    Ok(sweep.execute(conn).await?)
}
