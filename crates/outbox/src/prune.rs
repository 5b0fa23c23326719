//! Forgetting what nobody asks for any more, a batch at a time: the service's role may not drop partitions.

use contracts::EventId;
use db::{Connection, Ts, sql};
use diesel::sql_types::{BigInt, Timestamptz, Uuid};
use diesel_async::RunQueryDsl;
use jiff::{SignedDuration, Timestamp};

/// How long a published event is kept.
const PUBLISHED: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long it is known that an event was taken in: longer than the journal can replay it.
const TAKEN_IN: SignedDuration = SignedDuration::from_hours(35 * 24);
/// Rows of one statement.
const BATCH: i64 = 1_000;

/// Ids grow with time: the key finds the oldest rows.
const OUTBOX: &str = "DELETE FROM outbox WHERE id IN
    (SELECT id FROM outbox WHERE id < $1 AND published_at < $2 ORDER BY id LIMIT $3)";

const INBOX: &str = "DELETE FROM inbox WHERE (consumer, event_id) IN
    (SELECT consumer, event_id FROM inbox WHERE received_at < $1 ORDER BY received_at LIMIT $2)";

/// Deletes one batch of each table; answers whether there may be more.
pub(crate) async fn prune(conn: &mut Connection, now: Timestamp) -> db::Result<bool> {
    let published = now - PUBLISHED;
    let outbox = sql::<()>(OUTBOX)
        .bind::<Uuid, _>(EventId::at(published))
        .bind::<Timestamptz, _>(Ts(published))
        .bind::<BigInt, _>(BATCH);
    let told = outbox.execute(conn).await?;
    let inbox = sql::<()>(INBOX).bind::<Timestamptz, _>(Ts(now - TAKEN_IN)).bind::<BigInt, _>(BATCH);
    let taken = inbox.execute(conn).await?;
    let full = usize::try_from(BATCH).unwrap_or(usize::MAX);
    Ok(told == full || taken == full)
}
