//! Every SQL of keys.

use db::{Connection, Result, Ts};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::row::KeyRow;
use super::rules::State;
use crate::schema::signing_keys;

/// All keys, the newest first.
pub async fn all(conn: &mut Connection) -> Result<Vec<KeyRow>> {
    Ok(KeyRow::query().order((signing_keys::created_at.desc(), signing_keys::kid)).load(conn).await?)
}

/// All keys, which nobody else rotates until the transaction ends.
pub async fn locked(conn: &mut Connection) -> Result<Vec<KeyRow>> {
    let keys = KeyRow::query().order((signing_keys::created_at.desc(), signing_keys::kid)).for_update();
    Ok(keys.load(conn).await?)
}

/// Keeps a key.
pub async fn insert(conn: &mut Connection, key: &KeyRow) -> Result<()> {
    diesel::insert_into(signing_keys::table).values(key).execute(conn).await?;
    Ok(())
}

/// The active key does not sign any more.
pub async fn retire(conn: &mut Connection, now: Timestamp) -> Result<()> {
    diesel::update(signing_keys::table.filter(signing_keys::state.eq(State::Active.name())))
        .set((signing_keys::state.eq(State::Retired.name()), signing_keys::retired_at.eq(Ts(now))))
        .execute(conn)
        .await?;
    Ok(())
}

/// The next key signs from now on; answers its id.
pub async fn activate(conn: &mut Connection, now: Timestamp) -> Result<String> {
    let kid = diesel::update(signing_keys::table.filter(signing_keys::state.eq(State::Next.name())))
        .set((signing_keys::state.eq(State::Active.name()), signing_keys::activated_at.eq(Ts(now))))
        .returning(signing_keys::kid)
        .get_result(conn)
        .await?;
    Ok(kid)
}

/// Forgets a key.
pub async fn delete(conn: &mut Connection, kid: &str) -> Result<()> {
    diesel::delete(signing_keys::table.filter(signing_keys::kid.eq(kid))).execute(conn).await?;
    Ok(())
}
