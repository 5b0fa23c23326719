//! Writing an event with the change that it tells.

use contracts::{Envelope, Event, EventId};
use db::{Ts, Tx, sql};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use telemetry::Context;

tokio::task_local! {
    /// The event whose effect is being written.
    pub(crate) static CAUSE: EventId;
}

/// The place of the event among those of its aggregate is given here, under the lock of the aggregate's row. The relay
/// is woken only if it sleeps (see `relay::Leader`): a notification costs each commit a lock that all share.
const WRITE: &str = "WITH place AS (
        INSERT INTO outbox_sequences AS s (aggregate, last) VALUES ($1, 1)
        ON CONFLICT (aggregate) DO UPDATE SET last = s.last + 1 RETURNING s.last
    ), written AS (
        INSERT INTO outbox (id, aggregate, seq, exchange, type, envelope, created_at)
        SELECT $2, $1, place.last, $3, $4, $5::jsonb || jsonb_build_object('sequence', place.last), $6 FROM place
    )
    SELECT place.last, CASE WHEN NOT pg_try_advisory_xact_lock_shared(1869966946, 2) THEN pg_notify('outbox', '')::text END
    FROM place";

/// Writes `event` in this transaction, to be published once it is committed; answers its id. It carries the request,
/// trace and actor of the current context.
///
/// # Errors
/// Those of the database.
pub async fn emit<E: Event>(tx: &mut Tx, event: &E) -> db::Result<EventId> {
    let envelope = envelope(event, tx.now());
    let id = envelope.id;
    let json = serde_json::to_string(&envelope).map_err(db::Error::other)?;
    let write = sql::<(BigInt, Nullable<Text>)>(WRITE)
        .bind::<Text, _>(&envelope.subject)
        .bind::<Uuid, _>(id)
        .bind::<Text, _>(E::EXCHANGE.name())
        .bind::<Text, _>(E::TYPE)
        .bind::<Text, _>(json)
        .bind::<Timestamptz, _>(Ts(envelope.time));
    let _placed: (i64, Option<String>) = write.get_result(&mut **tx).await?;
    Ok(id)
}

/// The envelope of an event that happens now; its place comes with its row.
pub(crate) fn envelope<E: Event>(event: &E, now: Timestamp) -> Envelope<&E> {
    let context = Context::current();
    // The family; whoever publishes it puts its own name.
    let family = E::TYPE.split('.').next().unwrap_or_default();
    Envelope {
        specversion: "1.0".into(),
        id: EventId::at(now),
        source: format!("/services/{family}"),
        event_type: E::TYPE.into(),
        subject: event.subject(),
        time: now,
        datacontenttype: "application/json".into(),
        dataschema: Envelope::schema_of(E::TYPE),
        sequence: 0,
        traceparent: context.as_ref().map(|context| context.trace.traceparent()),
        actorid: context.as_ref().and_then(|context| context.actor.clone()),
        correlationid: context.map(|context| context.request_id.to_string()),
        causationid: CAUSE.try_with(|cause| *cause).ok(),
        data: event,
    }
}
