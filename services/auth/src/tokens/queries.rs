//! Every SQL of tokens.

use db::{Connection, Result, Ts, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use crate::schema::used_assertions;

/// Uses up an assertion; whether this was the first time.
pub async fn use_up(conn: &mut Connection, service: &str, jti: &str, expires_at: Timestamp) -> Result<bool> {
    let used = (
        used_assertions::service.eq(service),
        used_assertions::jti.eq(jti),
        used_assertions::expires_at.eq(Ts(expires_at)),
    );
    let written = diesel::insert_into(used_assertions::table).values(used).on_conflict_do_nothing();
    Ok(written.execute(conn).await? == 1)
}

/// Deletes up to `most` assertions that expired before `before`.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> Result<usize> {
    const SWEEP: &str = "DELETE FROM used_assertions WHERE (service, jti) IN
        (SELECT service, jti FROM used_assertions WHERE expires_at < $1 LIMIT $2)";
    let sweep = sql::<()>(SWEEP).bind::<Timestamptz, _>(Ts(before)).bind::<BigInt, _>(most);
    Ok(sweep.execute(conn).await?)
}
