//! Every SQL of passkeys.

use contracts::UserId;
use db::{Connection, Result, Ts, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::row::{CeremonyRow, PasskeyRow};
use super::rules::Purpose;
use crate::schema::{passkey_ceremonies, passkeys};

/// The passkeys of an account, the oldest first.
pub async fn of_user(conn: &mut Connection, user: UserId) -> Result<Vec<PasskeyRow>> {
    let own = PasskeyRow::query().filter(passkeys::user_id.eq(user));
    Ok(own.order((passkeys::created_at, passkeys::id)).load(conn).await?)
}

/// How many passkeys an account has.
pub async fn count(conn: &mut Connection, user: UserId) -> Result<i64> {
    Ok(passkeys::table.filter(passkeys::user_id.eq(user)).count().get_result(conn).await?)
}

/// Whose passkey browsers call so.
pub async fn owner_of(conn: &mut Connection, credential_id: &[u8]) -> Result<Option<UserId>> {
    let named = passkeys::table.filter(passkeys::credential_id.eq(credential_id));
    Ok(named.select(passkeys::user_id).first(conn).await.optional()?)
}

/// An account's passkey that browsers call so, which nobody else changes until the transaction ends.
pub async fn locked(conn: &mut Connection, user: UserId, credential_id: &[u8]) -> Result<Option<PasskeyRow>> {
    let named = PasskeyRow::query()
        .filter(passkeys::user_id.eq(user))
        .filter(passkeys::credential_id.eq(credential_id))
        .for_update();
    Ok(named.first(conn).await.optional()?)
}

/// Keeps a passkey; none where there is one that browsers call so.
pub async fn insert(conn: &mut Connection, new: &PasskeyRow) -> Result<Option<PasskeyRow>> {
    let row = diesel::insert_into(passkeys::table)
        .values(new)
        .on_conflict(passkeys::credential_id)
        .do_nothing()
        .returning(PasskeyRow::as_returning())
        .get_result(conn)
        .await
        .optional()?;
    Ok(row)
}

/// Notes that a passkey was shown, and how it is since.
pub async fn note_use(
    conn: &mut Connection,
    id: Uuid,
    credential: &Value,
    backed_up: bool,
    now: Timestamp,
) -> Result<()> {
    diesel::update(passkeys::table.filter(passkeys::id.eq(id)))
        .set((
            passkeys::credential.eq(credential),
            passkeys::backed_up.eq(backed_up),
            passkeys::last_used_at.eq(Ts(now)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Calls a passkey of an account otherwise; none where it has no such passkey.
pub async fn rename(conn: &mut Connection, user: UserId, id: Uuid, name: &str) -> Result<Option<PasskeyRow>> {
    let row = diesel::update(passkeys::table.filter(passkeys::id.eq(id)).filter(passkeys::user_id.eq(user)))
        .set(passkeys::name.eq(name))
        .returning(PasskeyRow::as_returning())
        .get_result(conn)
        .await
        .optional()?;
    Ok(row)
}

/// Forgets a passkey of an account; whether it had it.
pub async fn delete(conn: &mut Connection, user: UserId, id: Uuid) -> Result<bool> {
    let own = passkeys::table.filter(passkeys::id.eq(id)).filter(passkeys::user_id.eq(user));
    Ok(diesel::delete(own).execute(conn).await? > 0)
}

/// Keeps what an answer is to be judged by, in place of what the same ticket was for.
pub async fn keep(conn: &mut Connection, ceremony: &CeremonyRow) -> Result<()> {
    diesel::insert_into(passkey_ceremonies::table)
        .values(ceremony)
        .on_conflict(passkey_ceremonies::ticket_hash)
        .do_update()
        .set(ceremony)
        .execute(conn)
        .await?;
    Ok(())
}

/// What an answer is judged by that is shown with this ticket at `now`. It is given out once.
pub async fn take(
    conn: &mut Connection,
    ticket_hash: &[u8],
    purpose: Purpose,
    user: Option<UserId>,
    now: Timestamp,
) -> Result<Option<Value>> {
    let open = passkey_ceremonies::table
        .filter(passkey_ceremonies::ticket_hash.eq(ticket_hash))
        .filter(passkey_ceremonies::purpose.eq(purpose.name()))
        .filter(passkey_ceremonies::user_id.is_not_distinct_from(user))
        .filter(passkey_ceremonies::used_at.is_null())
        .filter(passkey_ceremonies::expires_at.gt(Ts(now)));
    let state = diesel::update(open)
        .set(passkey_ceremonies::used_at.eq(Ts(now)))
        .returning(passkey_ceremonies::state)
        .get_result(conn)
        .await
        .optional()?;
    Ok(state)
}

/// Deletes up to `most` of those that were too late before `before`; says how many.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> Result<usize> {
    const SWEEP: &str = "DELETE FROM passkey_ceremonies WHERE ticket_hash IN
        (SELECT ticket_hash FROM passkey_ceremonies WHERE expires_at < $1 LIMIT $2)";
    let sweep = sql::<()>(SWEEP).bind::<Timestamptz, _>(Ts(before)).bind::<BigInt, _>(most);
    Ok(sweep.execute(conn).await?)
}
