//! What the relay asks of the outbox.

use contracts::export::ExportPartReady;
use contracts::{Event, EventId};
use db::{Connection, Ts, sql};
use diesel::Queryable;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid};
use diesel_async::RunQueryDsl;
use jiff::{SignedDuration, Timestamp};

use super::horizon::Snapshot;

/// Rows of one round, at the most.
pub(super) const BATCH: usize = 200;
/// The first wait after a refusal; each further one is twice as long.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(1);
/// The longest wait after a refusal.
pub(super) const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(5);

/// An event that waits.
#[derive(Clone, Debug, Queryable)]
pub(super) struct Waiting {
    pub id: EventId,
    pub position: i64,
    pub aggregate: String,
    pub exchange: String,
    pub attempts: i32,
    /// Whether it is forgotten as soon as the broker has it.
    pub fleeting: bool,
    pub event_type: String,
    pub time: Ts,
    pub request_id: Option<String>,
    pub traceparent: Option<String>,
    /// As JSON, with the name of who publishes it.
    pub envelope: String,
}

/// Events that are not kept once they are out: all that is held about somebody, by the megabyte.
const FLEETING: &str = ExportPartReady::TYPE;

/// The oldest that wait from position `$4` on, but for aggregates of which one was refused and is not due: a date further
/// ahead than the longest wait was set by a clock that has since travelled back, and holds nobody (`clock::is_due`). Only
/// what was refused and still waits has a `next_at`.
const DUE: &str = "SELECT o.id, o.position, o.aggregate, o.exchange, o.attempts, o.type = $5, o.type, o.created_at,
        o.envelope->>'correlationid', o.envelope->>'traceparent', (o.envelope || jsonb_build_object('source', $6))::text
    FROM outbox o
    WHERE o.published_at IS NULL AND o.position >= $4 AND NOT EXISTS (
        SELECT FROM outbox refused WHERE refused.aggregate = o.aggregate
        AND refused.next_at > $1 AND refused.next_at <= $2)
    ORDER BY o.position LIMIT $3 FOR UPDATE OF o SKIP LOCKED";

const MARK: &str = "UPDATE outbox SET published_at = $1, next_at = NULL WHERE id = ANY($2)";

const FORGET: &str = "DELETE FROM outbox WHERE id = ANY($1)";

const PUT_OFF: &str = "UPDATE outbox SET attempts = attempts + 1, next_at = $1, last_error = $2 WHERE id = $3";

/// Which transactions have ended, and the oldest event that waits from position `$1` on.
const SNAPSHOT: &str = "SELECT pg_snapshot_xmin(s.now)::text::bigint, pg_snapshot_xmax(s.now)::text::bigint,
        oldest.position, oldest.created_at
    FROM (SELECT pg_current_snapshot() AS now) s LEFT JOIN LATERAL (
        SELECT position, created_at FROM outbox WHERE published_at IS NULL AND position >= $1
        ORDER BY position LIMIT 1) oldest ON true";

/// What `source` is to publish now, in order, from position `low` on.
pub(super) async fn due(conn: &mut Connection, now: Timestamp, low: i64, source: &str) -> db::Result<Vec<Waiting>> {
    type Maybe = Nullable<Text>;
    let due = sql::<(Uuid, BigInt, Text, Text, Integer, Bool, Text, Timestamptz, Maybe, Maybe, Text)>(DUE)
        .bind::<Timestamptz, _>(Ts(now))
        .bind::<Timestamptz, _>(Ts(now + LONGEST_WAIT))
        .bind::<BigInt, _>(BATCH as i64)
        .bind::<BigInt, _>(low)
        .bind::<Text, _>(FLEETING)
        .bind::<Text, _>(source);
    Ok(due.load(conn).await?)
}

/// Notes that the broker has them.
pub(super) async fn mark(conn: &mut Connection, now: Timestamp, published: &[EventId]) -> db::Result<()> {
    let mark = sql::<()>(MARK).bind::<Timestamptz, _>(Ts(now)).bind::<Array<Uuid>, _>(published);
    mark.execute(conn).await?;
    Ok(())
}

/// Forgets what the broker has and nobody is to find here. Until then it waits like any other: one that is published
/// and not yet forgotten is published again.
pub(super) async fn forget(conn: &mut Connection, published: &[EventId]) -> db::Result<()> {
    sql::<()>(FORGET).bind::<Array<Uuid>, _>(published).execute(conn).await?;
    Ok(())
}

/// Notes that the broker refused it, and when it is tried again.
pub(super) async fn put_off(conn: &mut Connection, now: Timestamp, event: &Waiting, why: &str) -> db::Result<()> {
    let put_off = sql::<()>(PUT_OFF)
        .bind::<Timestamptz, _>(Ts(now + wait_after(event.attempts)))
        .bind::<Text, _>(why)
        .bind::<Uuid, _>(event.id);
    put_off.execute(conn).await?;
    Ok(())
}

/// What is known of transactions and of what waits from position `low` on, and since when the oldest event waits.
pub(super) async fn snapshot(conn: &mut Connection, low: i64) -> db::Result<(Snapshot, Option<Timestamp>)> {
    type Columns = (BigInt, BigInt, Nullable<BigInt>, Nullable<Timestamptz>);
    let read = sql::<Columns>(SNAPSHOT).bind::<BigInt, _>(low);
    let (ended_below, next, first_waiting, since): (i64, i64, Option<i64>, Option<Ts>) = read.get_result(conn).await?;
    Ok((Snapshot { ended_below, next, first_waiting }, since.map(|at| at.0)))
}

/// How long an event waits that was refused after so many refusals.
pub(super) fn wait_after(attempts: i32) -> SignedDuration {
    let doublings = u32::try_from(attempts.clamp(0, 16)).unwrap_or(0);
    FIRST_WAIT.checked_mul(2_i32.pow(doublings)).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
}
