//! Writing an event in the very statement that makes it true, for the few changes that are made so often that a
//! transaction of three statements would be most of their cost.

use contracts::Event;
use jiff::Timestamp;

use crate::emit;

/// The end of a statement's `WITH`: writes the events whose envelopes are the rows of `$told (envelope jsonb)`, any
/// number, to be published by `$exchange`; a statement without a transaction is one. As [`crate::emit`] does, it gives each
/// event its place, those of one subject in the order of their ids, and wakes the relay if it sleeps. Subjects are locked
/// in their order, so that two such statements wait for each other at most one way.
///
/// ```text
/// WITH changed AS (UPDATE … RETURNING …),
/// told AS (SELECT $1::text::jsonb AS envelope FROM changed),
/// <written!("told", "fleet.in")>
/// SELECT …
/// ```
#[macro_export]
macro_rules! written {
    ($told:literal, $exchange:literal) => {
        concat!(
            "place AS (
                INSERT INTO outbox_sequences AS s (aggregate, last)
                SELECT envelope->>'subject', count(*) FROM ",
            $told,
            " GROUP BY 1 ORDER BY 1
                ON CONFLICT (aggregate) DO UPDATE SET last = s.last + EXCLUDED.last RETURNING s.aggregate, s.last
            ), placed AS (
                SELECT aggregate, envelope,
                    last + 1 - row_number() OVER (PARTITION BY aggregate ORDER BY envelope->>'id' DESC) AS seq
                FROM place JOIN ",
            $told,
            " ON envelope->>'subject' = aggregate
            ), written AS (
                INSERT INTO outbox (id, aggregate, seq, exchange, type, envelope, created_at)
                SELECT (envelope->>'id')::uuid, aggregate, seq, '",
            $exchange,
            "', envelope->>'type', envelope || jsonb_build_object('sequence', seq), (envelope->>'time')::timestamptz
                FROM placed ORDER BY aggregate, seq
                RETURNING CASE WHEN NOT pg_try_advisory_xact_lock_shared(1869966946, 2)
                    THEN pg_notify('outbox', '')::text END
            ) "
        )
    };
}

/// Envelopes are smaller, most of them.
const USUAL_BYTES: usize = 1_000;

/// The envelope of `event`, as JSON, for a statement that ends with [`crate::written`]. What only the statement knows it
/// may put into `data` itself.
///
/// # Errors
/// When the event cannot be written as JSON.
pub fn enveloped<E: Event>(event: &E, now: Timestamp) -> db::Result<String> {
    let mut json = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut json, &emit::envelope(event, now)).map_err(db::Error::other)?;
    String::from_utf8(json).map_err(db::Error::other)
}
