//! Every SQL of profiles.

use contracts::UserId;
use db::{Connection, Result, Ts};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::row::{NextRow, ProfileRow};
use crate::schema::user_profiles::dsl;

diesel::define_sql_function! {
    /// In lower case.
    fn lower(text: Nullable<Text>) -> Nullable<Text>;
}

/// The profile of `user`.
pub async fn of(conn: &mut Connection, user: UserId) -> Result<Option<ProfileRow>> {
    let row = ProfileRow::query().filter(dsl::user_id.eq(user)).get_result(conn).await.optional()?;
    Ok(row)
}

/// The profile of `user`, which nobody else changes until the transaction ends.
pub async fn locked(conn: &mut Connection, user: UserId) -> Result<ProfileRow> {
    let row = ProfileRow::query().filter(dsl::user_id.eq(user)).for_update().first(conn).await?;
    Ok(row)
}

/// A profile for `user` with these preferences and nothing else; none where there is one already.
pub async fn insert(conn: &mut Connection, user: UserId, preferences: &Value, now: Ts) -> Result<Option<ProfileRow>> {
    let values = (dsl::user_id.eq(user), dsl::preferences.eq(preferences));
    let row = diesel::insert_into(dsl::user_profiles)
        .values((values, dsl::created_at.eq(now), dsl::updated_at.eq(now)))
        .on_conflict(dsl::user_id)
        .do_nothing()
        .returning(ProfileRow::as_returning())
        .get_result(conn)
        .await
        .optional()?;
    Ok(row)
}

/// Writes `next` over the profile of `user`, if its version is still `version`; its version grows.
pub async fn replace(
    conn: &mut Connection,
    user: UserId,
    version: i64,
    next: &NextRow,
    now: Ts,
) -> Result<Option<ProfileRow>> {
    let current = dsl::user_profiles.filter(dsl::user_id.eq(user)).filter(dsl::version.eq(version));
    let row = diesel::update(current)
        .set((next, dsl::version.eq(version.saturating_add(1)), dsl::updated_at.eq(now)))
        .returning(ProfileRow::as_returning())
        .get_result(conn)
        .await
        .optional()?;
    Ok(row)
}

/// Remembers what an event that changed nothing in the profile of `user` told.
pub async fn note(conn: &mut Connection, user: UserId, contact: i64, username_at: Option<Ts>) -> Result<()> {
    diesel::update(dsl::user_profiles.filter(dsl::user_id.eq(user)))
        .set((dsl::contact_version.eq(contact), dsl::username_at.eq(username_at)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes the profile of `user`; says how many there were.
pub async fn delete(conn: &mut Connection, user: UserId) -> Result<usize> {
    Ok(diesel::delete(dsl::user_profiles.filter(dsl::user_id.eq(user))).execute(conn).await?)
}

/// Who else is still noted as `username`, and since when: auth has given it to somebody new, or will say so.
pub async fn other_holder(conn: &mut Connection, username: &str, user: UserId) -> Result<Option<(UserId, Option<Ts>)>> {
    let holder = dsl::user_profiles
        .filter(lower(dsl::username).eq(username.to_lowercase()))
        .filter(dsl::user_id.ne(user))
        .select((dsl::user_id, dsl::username_at))
        .for_update()
        .first(conn)
        .await
        .optional()?;
    Ok(holder)
}

/// Takes the username from `holder`, whose new one auth has told or will tell.
pub async fn release_username(conn: &mut Connection, holder: UserId, now: Ts) -> Result<ProfileRow> {
    let row = diesel::update(dsl::user_profiles.filter(dsl::user_id.eq(holder)))
        .set((dsl::username.eq(None::<String>), dsl::version.eq(dsl::version + 1), dsl::updated_at.eq(now)))
        .returning(ProfileRow::as_returning())
        .get_result(conn)
        .await?;
    Ok(row)
}
