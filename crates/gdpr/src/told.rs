//! What the outbox and inbox still know of somebody.

use contracts::{EventId, UserId};
use db::{Tx, sql};
use diesel::OptionalExtension;
use diesel::sql_types::{BigInt, Text, Uuid};
use diesel_async::RunQueryDsl;
use jiff::SignedDuration;

/// Rows that one statement reads: it must end long before a statement is cut off.
const BATCH: i64 = 5_000;

/// What was told so lately is read once more when all else is done: no transaction takes as long, and no clock is so wrong.
const YOUNG: SignedDuration = SignedDuration::from_mins(10);

/// Reads some events and deletes those that name what is to be forgotten; answers the last one read. A revocation that
/// waits to be told is told first: it names nobody but the account, and tokens live until it is.
const EVENTS: &str = "WITH batch AS MATERIALIZED (
        SELECT id, envelope::text AS said, exchange = 'revocations' AND published_at IS NULL AS stays FROM outbox
        WHERE id > $1 ORDER BY id LIMIT $3
    ), gone AS (
        DELETE FROM outbox WHERE id IN (SELECT id FROM batch WHERE strpos(said, $2) > 0 AND NOT stays)
    )
    SELECT id FROM batch ORDER BY id DESC LIMIT 1";

/// The same of an address: it may be part of another, and it may be another account's by now. So it has to be a whole text,
/// of an event that is about no account.
const ADDRESSED: &str = "WITH batch AS MATERIALIZED (
        SELECT id, envelope::text AS said, envelope #>> '{data,user_id}' IS NULL AS nobodys FROM outbox
        WHERE id > $1 ORDER BY id LIMIT $3
    ), gone AS (
        DELETE FROM outbox
        WHERE id IN (SELECT id FROM batch WHERE nobodys AND strpos(said, to_jsonb($2::text)::text) > 0)
    )
    SELECT id FROM batch ORDER BY id DESC LIMIT 1";

const SERIES: &str = "DELETE FROM outbox_sequences WHERE aggregate = $1";

pub(crate) const SEEN: &str = "DELETE FROM inbox_sequences WHERE subject = $1";

/// Forgets every event in the outbox that names `user`, told or not. It reads all that is kept there, a week of it: whoever
/// erases does it before he locks anything that others want.
///
/// # Errors
/// Those of the database.
pub async fn forget_told(tx: &mut Tx, user: UserId) -> db::Result<()> {
    forget(tx, EVENTS, &user.to_string(), uuid::Uuid::nil()).await
}

/// The same of events that are about no account and say this address whole.
///
/// # Errors
/// Those of the database.
pub async fn forget_address(tx: &mut Tx, address: &str) -> db::Result<()> {
    forget(tx, ADDRESSED, address, uuid::Uuid::nil()).await
}

/// Forgets what names `user` and was told since [`forget_told`], and the series of that name. Nobody is to hear of him any
/// more but by the erasure itself.
pub(crate) async fn forget_young(tx: &mut Tx, user: UserId) -> db::Result<()> {
    let (name, since) = (user.to_string(), EventId::at(tx.now() - YOUNG).0);
    forget(tx, EVENTS, &name, since).await?;
    for series in [SERIES, SEEN] {
        sql::<()>(series).bind::<Text, _>(&name).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Reads all events from `since` on, a batch at a time.
async fn forget(tx: &mut Tx, statement: &'static str, word: &str, since: uuid::Uuid) -> db::Result<()> {
    let mut next = Some(since);
    while let Some(last) = next {
        let events = sql::<Uuid>(statement).bind::<Uuid, _>(last).bind::<Text, _>(word).bind::<BigInt, _>(BATCH);
        next = events.get_result(&mut **tx).await.optional()?;
    }
    Ok(())
}
