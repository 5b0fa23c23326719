//! Knowing what was taken in before.

use contracts::Envelope;
use db::{Ts, Tx, sql};
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz, Uuid};
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

/// The same, and that nothing older has an effect from now on.
const NOTE_WHOLE: &str = "WITH noted AS (
        INSERT INTO inbox (consumer, event_id, received_at) VALUES ($1, $2, $3)
        ON CONFLICT ON CONSTRAINT inbox_pkey DO NOTHING RETURNING consumer
    ), newest AS (
        INSERT INTO inbox_sequences AS s (consumer, source, type, subject, sequence)
        SELECT consumer, $4, $5, $6, $7 FROM noted
        ON CONFLICT ON CONSTRAINT inbox_sequences_pkey DO UPDATE SET sequence = EXCLUDED.sequence
        WHERE s.sequence < EXCLUDED.sequence RETURNING sequence
    )
    SELECT EXISTS (SELECT FROM noted), EXISTS (SELECT FROM newest)";

/// Whether the event is to have an effect; noted with it.
pub(crate) async fn take(tx: &mut Tx, consumer: &str, event: &Envelope, whole: bool) -> db::Result<Taken> {
    let now = Ts(tx.now());
    if !whole {
        let note = sql::<()>(NOTE).bind::<Text, _>(consumer).bind::<Uuid, _>(event.id).bind::<Timestamptz, _>(now);
        let noted = note.execute(&mut **tx).await? == 1;
        return Ok(if noted { Taken::Now } else { Taken::Before });
    }
    let note = sql::<(Bool, Bool)>(NOTE_WHOLE)
        .bind::<Text, _>(consumer)
        .bind::<Uuid, _>(event.id)
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(&event.source)
        .bind::<Text, _>(&event.event_type)
        .bind::<Text, _>(&event.subject)
        .bind::<BigInt, _>(event.sequence);
    Ok(match note.get_result(&mut **tx).await? {
        (false, _) => Taken::Before,
        (true, false) => Taken::Outdated,
        (true, true) => Taken::Now,
    })
}
