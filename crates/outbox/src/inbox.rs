//! Knowing what was taken in before.

use contracts::Envelope;
use db::{Ts, Tx, sql};
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid};
use diesel_async::RunQueryDsl;

/// What became of an event that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Its effect is committed.
    Now,
    /// It was here before, and its effect is.
    Before,
    /// It says how its subject was, whole, and a newer one of the same type was here before.
    Outdated,
}

/// Notes the event in the transaction of its effect. Of two who try at the same time, one waits for the other.
const NOTE: &str = "INSERT INTO inbox (consumer, event_id, received_at) VALUES ($1, $2, $3)
    ON CONFLICT ON CONSTRAINT inbox_pkey DO NOTHING";

const ADVANCE: &str = "INSERT INTO inbox_sequences AS s (consumer, source, type, subject, sequence)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT ON CONSTRAINT inbox_sequences_pkey DO UPDATE SET sequence = EXCLUDED.sequence
    WHERE s.sequence < EXCLUDED.sequence";

/// Whether the event is to have an effect; noted with it.
pub(crate) async fn take(tx: &mut Tx, consumer: &str, event: &Envelope, whole: bool) -> db::Result<Taken> {
    let now = Ts(tx.now());
    let note = sql::<()>(NOTE).bind::<Text, _>(consumer).bind::<Uuid, _>(event.id).bind::<Timestamptz, _>(now);
    if note.execute(&mut **tx).await? == 0 {
        return Ok(Taken::Before);
    }
    if !whole {
        return Ok(Taken::Now);
    }
    let advance = sql::<()>(ADVANCE)
        .bind::<Text, _>(consumer)
        .bind::<Text, _>(&event.source)
        .bind::<Text, _>(&event.event_type)
        .bind::<Text, _>(&event.subject)
        .bind::<BigInt, _>(event.sequence);
    let advanced = advance.execute(&mut **tx).await? == 1;
    Ok(if advanced { Taken::Now } else { Taken::Outdated })
}
