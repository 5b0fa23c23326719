//! Every SQL of locks.

use db::{Connection, Result, Ts, sql};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::row::TallyRow;
use crate::schema::login_failures;

/// The rows are made where there are none, and in each case locked in the order of `$2`.
const LOCKED: &str = "INSERT INTO login_failures AS f (identifier_hmac, origin, failed_at, last_at)
    SELECT $1, asked.origin, '{}'::timestamptz[], $3
        FROM unnest($2::text[]) WITH ORDINALITY AS asked (origin, place) ORDER BY asked.place
    ON CONFLICT ON CONSTRAINT login_failures_pkey DO UPDATE SET failed_at = f.failed_at
    RETURNING f.origin, f.failed_at";

const WRITE: &str = "UPDATE login_failures SET failed_at = $3, last_at = $4 WHERE identifier_hmac = $1 AND origin = $2";

/// One of those that came at `$3`, whichever: they are alike.
const GIVE_BACK: &str = "UPDATE login_failures
    SET failed_at = failed_at[:array_position(failed_at, $3) - 1] || failed_at[array_position(failed_at, $3) + 1:]
    WHERE identifier_hmac = $1 AND origin = $2 AND $3 = ANY (failed_at)";

/// It waits for nobody who counts, since that would be in another order.
const SWEEP: &str = "DELETE FROM login_failures WHERE (identifier_hmac, origin) IN
    (SELECT identifier_hmac, origin FROM login_failures WHERE last_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";

/// What counts against a name from each of `origins`. Nobody else counts until the transaction ends.
pub async fn locked(conn: &mut Connection, name: &str, origins: &[String], now: Timestamp) -> Result<Vec<TallyRow>> {
    let locked = sql::<(Text, Array<Timestamptz>)>(LOCKED).bind::<Text, _>(name).bind::<Array<Text>, _>(origins);
    Ok(locked.bind::<Timestamptz, _>(Ts(now)).load(conn).await?)
}

/// Writes what counts against a name from an origin, the last of it at `now`.
pub async fn write(conn: &mut Connection, name: &str, origin: &str, times: &[Timestamp], now: Timestamp) -> Result<()> {
    let times: Vec<Ts> = times.iter().copied().map(Ts).collect();
    let write = sql::<()>(WRITE).bind::<Text, _>(name).bind::<Text, _>(origin).bind::<Array<Timestamptz>, _>(times);
    write.bind::<Timestamptz, _>(Ts(now)).execute(conn).await?;
    Ok(())
}

/// What was counted at `at` counts no more.
pub async fn give_back(conn: &mut Connection, name: &str, origin: &str, at: Timestamp) -> Result<()> {
    let give_back = sql::<()>(GIVE_BACK).bind::<Text, _>(name).bind::<Text, _>(origin);
    give_back.bind::<Timestamptz, _>(Ts(at)).execute(conn).await?;
    Ok(())
}

/// Forgets all that counts against a name from an origin.
pub async fn forget(conn: &mut Connection, name: &str, origin: &str) -> Result<()> {
    let tally = login_failures::table
        .filter(login_failures::identifier_hmac.eq(name))
        .filter(login_failures::origin.eq(origin));
    diesel::delete(tally).execute(conn).await?;
    Ok(())
}

/// What counts against any of `names`, from each origin.
pub async fn of_names(conn: &mut Connection, names: &[String]) -> Result<Vec<TallyRow>> {
    const OF_NAMES: &str = "SELECT origin, failed_at FROM login_failures WHERE identifier_hmac = ANY ($1)";
    Ok(sql::<(Text, Array<Timestamptz>)>(OF_NAMES).bind::<Array<Text>, _>(names).load(conn).await?)
}

/// Forgets all that counts against a name; says from how many origins something did. `last` is the origin that whoever counts locks
/// after any other, so it goes last here as well.
pub async fn forget_name(conn: &mut Connection, name: &str, last: &str) -> Result<usize> {
    let all = || {
        let any = login_failures::failed_at.ne(Vec::<Option<Ts>>::new());
        login_failures::table.filter(login_failures::identifier_hmac.eq(name)).filter(any)
    };
    let others = diesel::delete(all().filter(login_failures::origin.ne(last))).execute(conn).await?;
    Ok(others + diesel::delete(all().filter(login_failures::origin.eq(last))).execute(conn).await?)
}

/// Deletes up to `most` rows whose last failure was before `before`.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> Result<usize> {
    let sweep = sql::<()>(SWEEP).bind::<Timestamptz, _>(Ts(before)).bind::<BigInt, _>(most);
    Ok(sweep.execute(conn).await?)
}
