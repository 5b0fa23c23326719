//! What an erasure needs beside receipts: it begins when its grace is over, who does not answer is asked again, and
//! after a day administrators are told. It is never completed while one is awaited.

use contracts::ErasureId;
use contracts::gdpr::ErasureStalled;
use db::{Ts, Tx};
use uuid::Uuid;

use super::row::{ErasureRow, StepRow};
use super::rules::{ALARM_BEFORE, LONGEST_WAIT, Stage, is_alarming, is_late, next_ask};
use super::{course, own, queries};
use crate::state::State;

/// Erasures that one look takes.
const BATCH: i64 = 100;

/// One look at all erasures that are open. One that fails, or that somebody has locked, keeps no other from it.
pub async fn round(state: &State) -> db::Result<()> {
    let now = state.clock.now();
    let mut after = ErasureId(Uuid::nil());
    loop {
        let due = queries::due(&mut *state.db.conn().await?, now, after, BATCH).await?;
        let Some(last) = due.last().copied() else { break };
        for id in due {
            note(id, state.db.tx(async |tx: &mut Tx| course::begin(tx, state, id).await).await);
        }
        after = last;
    }
    after = ErasureId(Uuid::nil());
    loop {
        let running = queries::running(&mut *state.db.conn().await?, after, BATCH).await?;
        let Some(last) = running.last().copied() else { break };
        for id in running {
            note(id, look_after(state, id).await);
        }
        after = last;
    }
    let mut conn = state.db.conn().await?;
    queries::forget_farewells(&mut conn).await?;
    let (stalled, overdue) = queries::measures(&mut conn, now + ALARM_BEFORE).await?;
    metrics::gauge!("erasure_stalled").set(stalled as f64);
    metrics::gauge!("erasure_overdue").set(overdue as f64);
    Ok(())
}

/// What became of one of them.
fn note(id: ErasureId, looked: db::Result<()>) {
    if let Err(error) = looked {
        metrics::counter!("erasures_failed_total").increment(1);
        tracing::error!(erasure.id = %id, %error, "an erasure could not be looked after; it is tried again");
    }
}

/// Looks after one whose receipts are awaited, or were, of a service that takes no part any more.
async fn look_after(state: &State, id: ErasureId) -> db::Result<()> {
    if state.db.tx(async |tx: &mut Tx| chase(tx, id).await).await? {
        state.db.tx(async |tx: &mut Tx| course::complete(tx, state, id).await).await?;
    }
    Ok(())
}

/// Looks after one erasure whose receipts are awaited; says whether none is.
pub async fn chase(tx: &mut Tx, id: ErasureId) -> db::Result<bool> {
    let erasure = queries::locked_unless_busy(tx, id).await?;
    let Some(erasure) = erasure.filter(|erasure| erasure.stage().is_running()) else { return Ok(false) };
    let missing = queries::missing(tx, id).await?;
    let now = tx.now();
    ask_again(tx, &erasure, &missing).await?;
    let late: Vec<String> =
        missing.iter().filter(|step| is_late(step.asked_at.0, now)).map(|step| step.service.clone()).collect();
    let (none, is_slow) = (missing.is_empty(), !late.is_empty());
    if is_slow && erasure.stage() == Stage::Running {
        queries::stall(tx, id, Some(now)).await?;
        tell(tx, &erasure, late).await?;
    }
    // Not as soon as it begins, where the grace was most of the month.
    if is_slow && erasure.alarmed_at.is_none() && is_alarming(erasure.deadline.0, now) {
        queries::alarm(tx, id, now).await?;
        tell(tx, &erasure, missing.into_iter().map(|step| step.service).collect()).await?;
    }
    Ok(none)
}

/// Asks every service once more for what is complete, which stays so: one whose database was restored from before erases
/// again, and all others have done so.
pub async fn ask_all(tx: &mut Tx, erasure: &ErasureRow) -> db::Result<()> {
    let services = queries::participants(tx, own::SERVICE).await?;
    outbox::emit(tx, &erasure.asked(services)).await.map(drop)
}

/// Asks everybody anew who did not answer, as if for the first time. The erasure is locked.
pub async fn start_over(tx: &mut Tx, erasure: &ErasureRow) -> db::Result<()> {
    let now = tx.now();
    let missing = queries::missing(tx, erasure.id).await?;
    for step in &missing {
        let first = StepRow { attempts: 1, asked_at: Ts(now), next_at: next_ask(now, 1).map(Ts), ..step.clone() };
        queries::ask_again(tx, &first).await?;
    }
    queries::stall(tx, erasure.id, None).await?;
    let services = missing.into_iter().map(|step| step.service).collect();
    outbox::emit(tx, &erasure.asked(services)).await.map(drop)
}

/// Asks those again whose time has come, by one event.
async fn ask_again(tx: &mut Tx, erasure: &ErasureRow, missing: &[StepRow]) -> db::Result<()> {
    let now = tx.now();
    let is_due = |step: &&StepRow| step.next_at.is_some_and(|next| clock::is_due(now, next.0, LONGEST_WAIT));
    let due: Vec<&StepRow> = missing.iter().filter(is_due).collect();
    if due.is_empty() {
        return Ok(());
    }
    for step in &due {
        let attempts = step.attempts.saturating_add(1);
        let next_at = next_ask(step.asked_at.0, attempts).map(Ts);
        queries::ask_again(tx, &StepRow { attempts, next_at, ..(*step).clone() }).await?;
    }
    let services = due.iter().map(|step| step.service.clone()).collect();
    outbox::emit(tx, &erasure.asked(services)).await.map(drop)
}

async fn tell(tx: &mut Tx, erasure: &ErasureRow, missing: Vec<String>) -> db::Result<()> {
    let (id, deadline) = (erasure.id, erasure.deadline.0);
    tracing::error!(erasure.id = %id, %deadline, services = missing.join(", "), "an erasure waits for receipts");
    outbox::emit(tx, &ErasureStalled { erasure_id: id, deadline, missing }).await.map(drop)
}
