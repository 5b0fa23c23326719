//! What the outbox and inbox still know of somebody.

use db::{Tx, sql};
use diesel::OptionalExtension;
use diesel::sql_types::{BigInt, Text, Uuid};
use diesel_async::RunQueryDsl;

/// Rows that one statement reads: it must end long before a statement is cut off.
const BATCH: i64 = 5_000;

/// Reads some events and deletes those that name what is to be forgotten; answers the last one read. A revocation that
/// waits to be told is told first: it names nobody but the account, and tokens live until it is.
const EVENTS: &str = "WITH batch AS MATERIALIZED (
        SELECT id, envelope::text AS said, exchange = 'revocations' AND published_at IS NULL AS stays FROM outbox
        WHERE id > $1 ORDER BY id LIMIT $3
    ), gone AS (
        DELETE FROM outbox WHERE id IN (SELECT id FROM batch WHERE strpos(said, $2) > 0 AND NOT stays)
    )
    SELECT id FROM batch ORDER BY id DESC LIMIT 1";

const SERIES: &str = "DELETE FROM outbox_sequences WHERE aggregate = $1";

pub(crate) const SEEN: &str = "DELETE FROM inbox_sequences WHERE subject = $1";

/// Forgets every event in the outbox that says `needle`, told or not, and the series of that name: an id or an address
/// of somebody who is erased. Nobody is to hear of him any more but by the erasure itself.
///
/// # Errors
/// Those of the database.
pub async fn forget_told(tx: &mut Tx, needle: &str) -> db::Result<()> {
    let mut next = Some(uuid::Uuid::nil());
    while let Some(last) = next {
        let events = sql::<Uuid>(EVENTS).bind::<Uuid, _>(last).bind::<Text, _>(needle).bind::<BigInt, _>(BATCH);
        next = events.get_result(&mut **tx).await.optional()?;
    }
    for series in [SERIES, SEEN] {
        sql::<()>(series).bind::<Text, _>(needle).execute(&mut **tx).await?;
    }
    Ok(())
}
