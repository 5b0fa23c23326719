//! Writing an event in the very statement that makes it true, for the few changes that are made so often that a
//! transaction of three statements would be most of their cost.

use contracts::Event;
use jiff::Timestamp;

use crate::emit;

/// The end of a statement's `WITH`: writes the events whose envelopes are the rows of `$told (envelope jsonb)`, at most
/// one, to be published by `$exchange`; a statement without a transaction is one. As [`crate::emit`] does, it gives the
/// event its place and wakes the relay if it sleeps.
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
                INSERT INTO outbox_sequences AS s (aggregate, last) SELECT envelope->>'subject', 1 FROM ",
            $told,
            " ON CONFLICT (aggregate) DO UPDATE SET last = s.last + 1 RETURNING s.last
            ), written AS (
                INSERT INTO outbox (id, aggregate, seq, exchange, type, envelope, created_at)
                SELECT (envelope->>'id')::uuid, envelope->>'subject', place.last, '",
            $exchange,
            "', envelope->>'type', envelope || jsonb_build_object('sequence', place.last),
                    (envelope->>'time')::timestamptz
                FROM place, ",
            $told,
            " RETURNING CASE WHEN NOT pg_try_advisory_xact_lock_shared(1869966946, 2)
                THEN pg_notify('outbox', '')::text END
            ) "
        )
    };
}

/// The envelope of `event`, as JSON, for a statement that ends with [`crate::written`]. What only the statement knows it
/// may put into `data` itself.
///
/// # Errors
/// When the event cannot be written as JSON.
pub fn enveloped<E: Event>(event: &E, now: Timestamp) -> db::Result<String> {
    serde_json::to_string(&emit::envelope(event, now)?).map_err(db::Error::other)
}
