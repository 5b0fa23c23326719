//! Every SQL of second factors.

use contracts::UserId;
use db::{Connection, Result, Ts, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::row::{RecoveryRow, TotpRow};
use crate::schema::{recovery_codes, totp_factors};

/// Whether there is an app that is on, and how many recovery codes are left.
const OF: &str = "SELECT EXISTS (SELECT 1 FROM totp_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL),
    (SELECT count(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL)";

/// An app that is on is not replaced.
const WISH: &str = "INSERT INTO totp_factors AS f (user_id, sealed_secret, created_at, confirmed_at, last_step)
    VALUES ($1, $2, $3, NULL, 0)
    ON CONFLICT ON CONSTRAINT totp_factors_pkey
    DO UPDATE SET sealed_secret = excluded.sealed_secret, created_at = excluded.created_at
    WHERE f.confirmed_at IS NULL";

/// Whether the account has an app that is on, and how many recovery codes it has left.
pub async fn of(conn: &mut Connection, user: UserId) -> Result<(bool, i64)> {
    Ok(sql::<(Bool, BigInt)>(OF).bind::<SqlUuid, _>(user).get_result(conn).await?)
}

/// The app of an account, on or not, which nobody else changes until the transaction ends.
pub async fn locked_totp(conn: &mut Connection, user: UserId) -> Result<Option<TotpRow>> {
    Ok(TotpRow::query().filter(totp_factors::user_id.eq(user)).for_update().first(conn).await.optional()?)
}

/// Keeps the secret of an app that is to be turned on, in place of one that was not; false where one is on.
pub async fn wish(conn: &mut Connection, user: UserId, sealed_secret: &[u8], now: Timestamp) -> Result<bool> {
    let wish = sql::<()>(WISH).bind::<SqlUuid, _>(user).bind::<Binary, _>(sealed_secret);
    Ok(wish.bind::<Timestamptz, _>(Ts(now)).execute(conn).await? > 0)
}

/// Turns an app on; the code of `step` was accepted.
pub async fn confirm(conn: &mut Connection, user: UserId, step: i64, now: Timestamp) -> Result<()> {
    let wished =
        totp_factors::table.filter(totp_factors::user_id.eq(user)).filter(totp_factors::confirmed_at.is_null());
    let on = (totp_factors::confirmed_at.eq(Ts(now)), totp_factors::last_step.eq(step));
    diesel::update(wished).set(on).execute(conn).await?;
    Ok(())
}

/// Notes that the code of `step` was accepted, where the last one was `before`; false where that is not so any more.
pub async fn advance(conn: &mut Connection, user: UserId, before: i64, step: i64) -> Result<bool> {
    let same = totp_factors::table.filter(totp_factors::user_id.eq(user)).filter(totp_factors::last_step.eq(before));
    Ok(diesel::update(same).set(totp_factors::last_step.eq(step)).execute(conn).await? > 0)
}

/// Forgets the app of an account that is on; false where there is none.
pub async fn remove_totp(conn: &mut Connection, user: UserId) -> Result<bool> {
    let on =
        totp_factors::table.filter(totp_factors::user_id.eq(user)).filter(totp_factors::confirmed_at.is_not_null());
    Ok(diesel::delete(on).execute(conn).await? > 0)
}

/// Keeps recovery codes.
pub async fn insert_codes(conn: &mut Connection, codes: &[RecoveryRow]) -> Result<()> {
    diesel::insert_into(recovery_codes::table).values(codes).execute(conn).await?;
    Ok(())
}

/// Uses a recovery code up; false where there is no such code, or it was used.
pub async fn use_code(conn: &mut Connection, user: UserId, code_hmac: &str, now: Timestamp) -> Result<bool> {
    let unused = recovery_codes::table
        .filter(recovery_codes::user_id.eq(user))
        .filter(recovery_codes::code_hmac.eq(code_hmac))
        .filter(recovery_codes::used_at.is_null());
    Ok(diesel::update(unused).set(recovery_codes::used_at.eq(Ts(now))).execute(conn).await? > 0)
}

/// Forgets all recovery codes of an account.
pub async fn remove_codes(conn: &mut Connection, user: UserId) -> Result<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user))).execute(conn).await?;
    Ok(())
}

/// Deletes up to `most` apps that were asked for before `before` and never turned on.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> Result<usize> {
    const SWEEP: &str = "DELETE FROM totp_factors WHERE confirmed_at IS NULL AND user_id IN
        (SELECT user_id FROM totp_factors WHERE confirmed_at IS NULL AND created_at < $1 LIMIT $2)";
    let sweep = sql::<()>(SWEEP).bind::<Timestamptz, _>(Ts(before)).bind::<BigInt, _>(most);
    Ok(sweep.execute(conn).await?)
}
