//! Every SQL of erasures.

use contracts::{ErasureId, EventId, UserId};
use db::page::Page;
use db::{Connection, Result, Ts, sql};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use serde_json::Value;

use super::row::{ErasureRow, StepRow};
use crate::schema::{erasure_steps, erasures};

/// The states in which an erasure is not over.
const OPEN: [&str; 3] = ["REQUESTED", "RUNNING", "STALLED"];
/// Those in which receipts are awaited.
const RUNNING: [&str; 2] = ["RUNNING", "STALLED"];

/// Notes that an erasure was asked for; false where one of this account is open.
pub async fn insert(conn: &mut Connection, row: &ErasureRow) -> Result<bool> {
    let open = is_open(conn, row.user_id).await?;
    if !open {
        diesel::insert_into(erasures::table).values(row).execute(conn).await?;
    }
    Ok(!open)
}

/// Whether an erasure of this account is open.
pub async fn is_open(conn: &mut Connection, user: UserId) -> Result<bool> {
    let open = erasures::table.filter(erasures::user_id.eq(user)).filter(erasures::state.eq_any(OPEN));
    Ok(diesel::select(diesel::dsl::exists(open)).get_result(conn).await?)
}

/// The erasure.
pub async fn find(conn: &mut Connection, id: ErasureId) -> Result<Option<ErasureRow>> {
    Ok(ErasureRow::query().filter(erasures::id.eq(id)).first(conn).await.optional()?)
}

/// The erasure, which nobody else changes until the transaction ends.
pub async fn locked(conn: &mut Connection, id: ErasureId) -> Result<Option<ErasureRow>> {
    Ok(ErasureRow::query().filter(erasures::id.eq(id)).for_update().first(conn).await.optional()?)
}

/// The same, where nobody else has it locked: whoever has looks after it.
pub async fn locked_unless_busy(conn: &mut Connection, id: ErasureId) -> Result<Option<ErasureRow>> {
    let erasure = ErasureRow::query().filter(erasures::id.eq(id)).for_update().skip_locked();
    Ok(erasure.first(conn).await.optional()?)
}

/// The newest erasures, in `state` if one is asked for.
pub async fn newest(conn: &mut Connection, state: Option<&str>, page: &Page) -> Result<Vec<ErasureRow>> {
    let mut query =
        ErasureRow::query().order((erasures::requested_at.desc(), erasures::id.desc())).limit(page.rows()).into_boxed();
    if let Some(state) = state {
        query = query.filter(erasures::state.eq(state.to_owned()));
    }
    if let Some((at, id)) = page.after.as_ref().and_then(|key| Some((Ts(key.instant()?), ErasureId(key.id)))) {
        let older = erasures::requested_at.lt(at).or(erasures::requested_at.eq(at).and(erasures::id.lt(id)));
        query = query.filter(older);
    }
    Ok(query.load(conn).await?)
}

/// Up to `most` erasures whose grace is over at `now`, behind `after`.
pub async fn due(conn: &mut Connection, now: Timestamp, after: ErasureId, most: i64) -> Result<Vec<ErasureId>> {
    let due = erasures::table
        .filter(erasures::state.eq("REQUESTED"))
        .filter(erasures::id.gt(after))
        .filter(erasures::grace_until.le(Ts(now)))
        .order(erasures::id)
        .limit(most)
        .select(erasures::id);
    Ok(due.load(conn).await?)
}

/// Up to `most` erasures whose receipts are awaited, behind `after`.
pub async fn running(conn: &mut Connection, after: ErasureId, most: i64) -> Result<Vec<ErasureId>> {
    let running = erasures::table
        .filter(erasures::state.eq_any(RUNNING))
        .filter(erasures::id.gt(after))
        .order(erasures::id)
        .limit(most)
        .select(erasures::id);
    Ok(running.load(conn).await?)
}

/// Writes that services are asked.
pub async fn begin(conn: &mut Connection, id: ErasureId, now: Timestamp) -> Result<()> {
    diesel::update(erasures::table.find(id))
        .set((erasures::state.eq("RUNNING"), erasures::begun_at.eq(Ts(now))))
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes that one does not answer, or, with nothing, that they are asked anew.
pub async fn stall(conn: &mut Connection, id: ErasureId, at: Option<Timestamp>) -> Result<()> {
    let state = if at.is_some() { "STALLED" } else { "RUNNING" };
    diesel::update(erasures::table.find(id))
        .set((erasures::state.eq(state), erasures::stalled_at.eq(at.map(Ts))))
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes that the last alarm was raised.
pub async fn alarm(conn: &mut Connection, id: ErasureId, now: Timestamp) -> Result<()> {
    diesel::update(erasures::table.find(id)).set(erasures::alarmed_at.eq(Ts(now))).execute(conn).await?;
    Ok(())
}

/// Writes that it was taken back, and destroys the address.
pub async fn cancel(conn: &mut Connection, id: ErasureId, now: Timestamp) -> Result<()> {
    diesel::update(erasures::table.find(id))
        .set((
            erasures::state.eq("CANCELLED"),
            erasures::cancelled_at.eq(Ts(now)),
            erasures::sealed_address.eq(None::<Vec<u8>>),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes that all is erased, and destroys the address.
pub async fn complete(conn: &mut Connection, id: ErasureId, farewell: Option<EventId>, now: Timestamp) -> Result<()> {
    diesel::update(erasures::table.find(id))
        .set((
            erasures::state.eq("COMPLETED"),
            erasures::completed_at.eq(Ts(now)),
            erasures::sealed_address.eq(None::<Vec<u8>>),
            erasures::farewell_id.eq(farewell),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes that an account whose erasure may still be taken back at `now` stays closed then; false where there is none, or it
/// was closed before.
pub async fn stay_closed(conn: &mut Connection, user: UserId, now: Timestamp) -> Result<bool> {
    let open = erasures::table
        .filter(erasures::user_id.eq(user))
        .filter(erasures::state.eq("REQUESTED"))
        .filter(erasures::grace_until.gt(Ts(now)))
        .filter(erasures::was_active.eq(true));
    Ok(diesel::update(open).set(erasures::was_active.eq(false)).execute(conn).await? > 0)
}

/// Deletes from the outbox the last mails that were told; says how many.
pub async fn forget_farewells(conn: &mut Connection) -> Result<usize> {
    const TOLD: &str = "DELETE FROM outbox WHERE published_at IS NOT NULL
        AND id IN (SELECT farewell_id FROM erasures WHERE farewell_id IS NOT NULL)";
    const FORGOTTEN: &str = "UPDATE erasures SET farewell_id = NULL WHERE farewell_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM outbox WHERE outbox.id = erasures.farewell_id)";
    let told = sql::<()>(TOLD).execute(conn).await?;
    sql::<()>(FORGOTTEN).execute(conn).await?;
    Ok(told)
}

/// Nobody begins to take part until the transaction ends: whoever is asked for an erasure is asked with all others.
pub async fn settle_participants(conn: &mut Connection) -> Result<()> {
    sql::<()>("SELECT pg_advisory_xact_lock_shared(1885434484, 1)").execute(conn).await?;
    Ok(())
}

/// Waits for those who ask the services that take part, so that the next ones ask one more.
pub async fn change_participants(conn: &mut Connection) -> Result<()> {
    sql::<()>("SELECT pg_advisory_xact_lock(1885434484, 1)").execute(conn).await?;
    Ok(())
}

/// Keeps that a service takes part; false where it was known.
pub async fn announce(conn: &mut Connection, service: &str, now: Timestamp) -> Result<bool> {
    const ANNOUNCE: &str = "INSERT INTO gdpr_participants (service, announced_at) VALUES ($1, $2)
        ON CONFLICT ON CONSTRAINT gdpr_participants_pkey DO NOTHING";
    let announce = sql::<()>(ANNOUNCE).bind::<Text, _>(service).bind::<Timestamptz, _>(Ts(now));
    Ok(announce.execute(conn).await? == 1)
}

/// The services that take part, but for `own`.
pub async fn participants(conn: &mut Connection, own: &str) -> Result<Vec<String>> {
    const OTHERS: &str = "SELECT service FROM gdpr_participants WHERE service <> $1 ORDER BY service";
    Ok(sql::<Text>(OTHERS).bind::<Text, _>(own).load(conn).await?)
}

/// Awaits the receipts of these services, in this state.
pub async fn insert_steps(
    conn: &mut Connection,
    id: ErasureId,
    services: &[String],
    state: &'static str,
    times: (Timestamp, Option<Timestamp>),
) -> Result<()> {
    const STEPS: &str = "INSERT INTO erasure_steps (erasure_id, service, state, attempts, asked_at, next_at)
        SELECT $1, service, $3, 1, $4, $5 FROM unnest($2::text[]) AS service
        ON CONFLICT ON CONSTRAINT erasure_steps_pkey DO NOTHING";
    let (asked_at, next_at) = times;
    let steps = sql::<()>(STEPS).bind::<SqlUuid, _>(id).bind::<Array<Text>, _>(services).bind::<Text, _>(state);
    let steps = steps.bind::<Timestamptz, _>(Ts(asked_at)).bind::<Nullable<Timestamptz>, _>(next_at.map(Ts));
    steps.execute(conn).await?;
    Ok(())
}

/// All parts of an erasure, by the names of the services, the own one last.
pub async fn steps(conn: &mut Connection, id: ErasureId) -> Result<Vec<StepRow>> {
    let steps = StepRow::query().filter(erasure_steps::erasure_id.eq(id));
    let mut steps: Vec<StepRow> = steps.order(erasure_steps::service).load(conn).await?;
    steps.sort_by_key(|step| step.service == super::own::SERVICE);
    Ok(steps)
}

/// The services whose receipts are missing, but for the own one.
pub async fn missing(conn: &mut Connection, id: ErasureId) -> Result<Vec<StepRow>> {
    let missing = StepRow::query().filter(erasure_steps::erasure_id.eq(id)).filter(erasure_steps::state.eq("ASKED"));
    Ok(missing.order(erasure_steps::service).load(conn).await?)
}

/// Keeps a receipt; false where none of this service is awaited.
pub async fn confirm(
    conn: &mut Connection,
    id: ErasureId,
    service: &str,
    receipt: &Value,
    now: Timestamp,
) -> Result<bool> {
    const CONFIRM: &str =
        "UPDATE erasure_steps SET state = 'CONFIRMED', next_at = NULL, receipt = $3, confirmed_at = $4
        WHERE erasure_id = $1 AND service = $2 AND state <> 'CONFIRMED'";
    let confirm = sql::<()>(CONFIRM).bind::<SqlUuid, _>(id).bind::<Text, _>(service).bind::<Jsonb, _>(receipt);
    Ok(confirm.bind::<Timestamptz, _>(Ts(now)).execute(conn).await? == 1)
}

/// Writes that a service was asked again.
pub async fn ask_again(conn: &mut Connection, step: &StepRow) -> Result<()> {
    let one = erasure_steps::table.find((step.erasure_id, &step.service));
    diesel::update(one)
        .set((
            erasure_steps::attempts.eq(step.attempts),
            erasure_steps::asked_at.eq(step.asked_at),
            erasure_steps::next_at.eq(step.next_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// How many erasures are stalled, and how many of those that run have to be done by `by`.
pub async fn measures(conn: &mut Connection, by: Timestamp) -> Result<(i64, i64)> {
    const COUNTS: &str = "SELECT count(*) FILTER (WHERE state = 'STALLED'), count(*) FILTER (WHERE deadline <= $1)
        FROM erasures WHERE state IN ('RUNNING', 'STALLED')";
    Ok(sql::<(BigInt, BigInt)>(COUNTS).bind::<Timestamptz, _>(Ts(by)).get_result(conn).await?)
}

/// Closes the account, and makes its old tokens void.
pub async fn close_account(conn: &mut Connection, user: UserId, now: Timestamp) -> Result<()> {
    const CLOSE: &str = "UPDATE users SET is_active = false, version = version + 1, updated_at = $2 WHERE id = $1";
    sql::<()>(CLOSE).bind::<SqlUuid, _>(user).bind::<Timestamptz, _>(Ts(now)).execute(conn).await?;
    Ok(())
}

/// Opens it as it was.
pub async fn reopen_account(conn: &mut Connection, user: UserId, was_active: bool, now: Timestamp) -> Result<()> {
    const REOPEN: &str = "UPDATE users SET is_active = $2, version = version + 1, updated_at = $3 WHERE id = $1";
    let reopen = sql::<()>(REOPEN).bind::<SqlUuid, _>(user).bind::<Bool, _>(was_active);
    reopen.bind::<Timestamptz, _>(Ts(now)).execute(conn).await?;
    Ok(())
}

/// Takes address, name and password from the account: the first two are free for whoever wants them.
pub async fn release(conn: &mut Connection, user: UserId, pseudonym: &str, now: Timestamp) -> Result<()> {
    const RELEASE: &str = "UPDATE users SET email = $2, username = NULL, password_hash = NULL, locked_until = NULL,
        version = version + 1, updated_at = $3 WHERE id = $1";
    let release = sql::<()>(RELEASE).bind::<SqlUuid, _>(user).bind::<Text, _>(pseudonym);
    release.bind::<Timestamptz, _>(Ts(now)).execute(conn).await?;
    Ok(())
}

/// Runs a statement about rows of `user`; says how many there were.
pub async fn run_for(conn: &mut Connection, statement: &'static str, user: UserId) -> Result<usize> {
    Ok(sql::<()>(statement).bind::<SqlUuid, _>(user).execute(conn).await?)
}

/// Runs a statement that deletes rows of these names, which are keyed digests; says how many.
pub async fn delete_named(conn: &mut Connection, statement: &'static str, names: &[String]) -> Result<usize> {
    Ok(sql::<()>(statement).bind::<Array<Text>, _>(names).execute(conn).await?)
}

/// Deletes the answers kept for repeats that say one of these words, whole; says how many.
pub async fn delete_answers(conn: &mut Connection, words: &[String]) -> Result<usize> {
    const ANSWERS: &str = "DELETE FROM idempotency_keys WHERE EXISTS (SELECT FROM unnest($1::text[]) AS word
        WHERE strpos(answer::text, to_jsonb(word)::text) > 0 OR user_id::text = word)";
    Ok(sql::<()>(ANSWERS).bind::<Array<Text>, _>(words).execute(conn).await?)
}
