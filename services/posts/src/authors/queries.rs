//! Every SQL of authors.

use contracts::users::ProfileUpdated;
use db::{Connection, Result, sql};
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

/// Writes a profile unless a newer one is there, or the account is gone.
const UPSERT: &str = "INSERT INTO authors AS a
        (user_id, username, full_name, profile_picture_url, avatar_media_id, version)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT ON CONSTRAINT authors_pkey DO UPDATE
    SET username = excluded.username, full_name = excluded.full_name,
        profile_picture_url = excluded.profile_picture_url, avatar_media_id = excluded.avatar_media_id,
        version = excluded.version
    WHERE a.version < excluded.version AND a.erased_at IS NULL";

/// Keeps what `profile` says, unless a newer one is kept already.
pub async fn upsert(conn: &mut Connection, profile: &ProfileUpdated) -> Result<()> {
    let upsert = sql::<()>(UPSERT)
        .bind::<SqlUuid, _>(profile.user_id)
        .bind::<Nullable<Text>, _>(&profile.username)
        .bind::<Nullable<Text>, _>(&profile.full_name)
        .bind::<Nullable<Text>, _>(&profile.profile_picture_url)
        .bind::<Nullable<SqlUuid>, _>(profile.avatar_media_id)
        .bind::<BigInt, _>(profile.version);
    upsert.execute(conn).await?;
    Ok(())
}
