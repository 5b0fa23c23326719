//! Every SQL of devices.

use contracts::UserId;
use db::{Connection, Result, Ts, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::row::DeviceRow;
use crate::schema::known_devices;

/// Those that came back stay longest, then the newest.
const CROP: &str = "DELETE FROM known_devices WHERE token_hash IN
    (SELECT token_hash FROM known_devices WHERE user_id = $1
        ORDER BY last_seen_at > created_at DESC, last_seen_at DESC, created_at DESC OFFSET $2)";

const SWEEP: &str = "DELETE FROM known_devices WHERE last_seen_at < $1 AND token_hash IN
    (SELECT token_hash FROM known_devices WHERE last_seen_at < $1 LIMIT $2)";

/// Whether the account knows the device with this token.
pub async fn is_known(conn: &mut Connection, user: UserId, token_hash: &[u8]) -> Result<bool> {
    let known =
        known_devices::table.filter(known_devices::token_hash.eq(token_hash)).filter(known_devices::user_id.eq(user));
    Ok(diesel::select(diesel::dsl::exists(known)).get_result(conn).await?)
}

/// Notes that a device was seen; false where the account does not know it.
pub async fn see(conn: &mut Connection, user: UserId, token_hash: &[u8], now: Timestamp) -> Result<bool> {
    let known =
        known_devices::table.filter(known_devices::token_hash.eq(token_hash)).filter(known_devices::user_id.eq(user));
    let seen = diesel::update(known).set(known_devices::last_seen_at.eq(Ts(now))).execute(conn).await?;
    Ok(seen > 0)
}

/// Keeps a device.
pub async fn insert(conn: &mut Connection, device: &DeviceRow) -> Result<()> {
    diesel::insert_into(known_devices::table).values(device).execute(conn).await?;
    Ok(())
}

/// Forgets devices of an account beyond the first `most`.
pub async fn crop(conn: &mut Connection, user: UserId, most: i64) -> Result<()> {
    sql::<()>(CROP).bind::<SqlUuid, _>(user).bind::<BigInt, _>(most).execute(conn).await?;
    Ok(())
}

/// Forgets all devices of an account; says how many.
pub async fn forget(conn: &mut Connection, user: UserId) -> Result<usize> {
    let all = known_devices::table.filter(known_devices::user_id.eq(user));
    Ok(diesel::delete(all).execute(conn).await?)
}

/// Deletes up to `most` devices that were last seen before `before`.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> Result<usize> {
    let sweep = sql::<()>(SWEEP).bind::<Timestamptz, _>(Ts(before)).bind::<BigInt, _>(most);
    Ok(sweep.execute(conn).await?)
}
