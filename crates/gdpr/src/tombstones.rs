//! Who was erased.

use contracts::gdpr::ErasureConfirmed;
use contracts::{ErasureId, UserId};
use db::{Ts, Tx, sql};
use diesel::OptionalExtension;
use diesel::sql_types::{Bool, Jsonb, Text, Timestamptz, Uuid};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use serde_json::Value;

use crate::told::SEEN;

/// Alone, until the transaction ends: see the migration.
const LOCK: &str = "SELECT pg_advisory_xact_lock(uuid_hash_extended($1, 1869966947))::text";

/// Somebody may have made more than a statement of a request deletes in its time. Where a request and an erasure wait for
/// each other, the request gives up first.
const PATIENCE: &str = "SET LOCAL statement_timeout TO '60s'; SET LOCAL lock_timeout TO '10s'";

const RECEIPT: &str = "SELECT receipt FROM erased_subjects WHERE user_id = $1 AND erasure_id = $2";

const KEEP: &str = "INSERT INTO erased_subjects (user_id, erasure_id, erased_at, receipt) VALUES ($1, $2, $3, $4)
    ON CONFLICT ON CONSTRAINT erased_subjects_pkey DO UPDATE
    SET erasure_id = EXCLUDED.erasure_id, erased_at = EXCLUDED.erased_at, receipt = EXCLUDED.receipt";

/// Whether `user` was erased here: then an event about him is to have no effect, and that it came is forgotten. Whoever
/// asks before writing about somebody who was not is safe until the transaction ends: an erasure waits for it.
///
/// # Errors
/// Those of the database.
pub async fn is_erased(tx: &mut Tx, user: UserId) -> db::Result<bool> {
    let erased: bool = sql::<Bool>("SELECT is_erased($1)").bind::<Uuid, _>(user).get_result(&mut **tx).await?;
    if erased {
        sql::<()>(SEEN).bind::<Text, _>(user.to_string()).execute(&mut **tx).await?;
    }
    Ok(erased)
}

/// Waits for all who write about `user`; those to come wait until the transaction ends, which has time.
///
/// # Errors
/// Those of the database.
pub async fn lock(tx: &mut Tx, user: UserId) -> db::Result<()> {
    tx.batch_execute(PATIENCE).await?;
    let _locked: String = sql::<Text>(LOCK).bind::<Uuid, _>(user).get_result(&mut **tx).await?;
    Ok(())
}

/// What this erasure was answered.
pub(crate) async fn receipt(tx: &mut Tx, user: UserId, erasure: ErasureId) -> db::Result<Option<ErasureConfirmed>> {
    let receipt = sql::<Jsonb>(RECEIPT).bind::<Uuid, _>(user).bind::<Uuid, _>(erasure);
    let receipt: Option<Value> = receipt.get_result(&mut **tx).await.optional()?;
    receipt.map(serde_json::from_value).transpose().map_err(db::Error::other)
}

/// Keeps what it is answered.
pub(crate) async fn keep(tx: &mut Tx, user: UserId, receipt: &ErasureConfirmed) -> db::Result<()> {
    let now = Ts(tx.now());
    let keep = sql::<()>(KEEP)
        .bind::<Uuid, _>(user)
        .bind::<Uuid, _>(receipt.erasure_id)
        .bind::<Timestamptz, _>(now)
        .bind::<Jsonb, _>(serde_json::to_value(receipt).map_err(db::Error::other)?);
    keep.execute(&mut **tx).await?;
    Ok(())
}
