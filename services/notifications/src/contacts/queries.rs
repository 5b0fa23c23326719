//! Every SQL of contacts.

use contracts::UserId;
use db::{Connection, Result, Ts};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::row::ContactRow;
use crate::schema::contacts::dsl;

/// What is known of each of `users` of whom anything is.
pub async fn of_all(conn: &mut Connection, users: &[UserId]) -> Result<Vec<ContactRow>> {
    Ok(ContactRow::query().filter(dsl::user_id.eq_any(users)).load(conn).await?)
}

/// What is known of `user`, if only the id, which nobody else changes until the transaction ends.
pub async fn locked(conn: &mut Connection, user: UserId, now: Ts) -> Result<ContactRow> {
    diesel::insert_into(dsl::contacts)
        .values((dsl::user_id.eq(user), dsl::created_at.eq(now), dsl::updated_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(ContactRow::query().filter(dsl::user_id.eq(user)).for_update().first(conn).await?)
}

/// Writes `next` over what was known.
pub async fn replace(conn: &mut Connection, next: &ContactRow) -> Result<()> {
    diesel::update(dsl::contacts.find(next.user_id)).set(next).execute(conn).await?;
    Ok(())
}

/// Deletes what was known of `user`; says how many rows there were.
pub async fn delete(conn: &mut Connection, user: UserId) -> Result<usize> {
    Ok(diesel::delete(dsl::contacts.find(user)).execute(conn).await?)
}
