//! What happens to an export by itself: services that did not answer are asked again, and given up after a day; the link
//! of a ready one ends after a day, and what was sent is deleted.

use contracts::{ExportId, UserId};
use db::Tx;

use super::row::ExportRow;
use super::rules::{self, Phase, Step};
use super::{ask, queries};
use crate::accounts;

/// Chunks that are deleted at once.
const AT_ONCE: i64 = 200;

/// Does what is due about an export; says whether there is more to do at once. That of a closed account is deleted.
pub async fn advance(tx: &mut Tx, id: ExportId, owner: UserId) -> db::Result<bool> {
    let is_open = accounts::locked(tx, owner).await?.is_some_and(|user| user.is_active);
    let Some(export) = queries::locked(tx, owner, id).await? else { return Ok(false) };
    if !is_open {
        return delete(tx, id).await;
    }
    let now = tx.now();
    if !export.next_at.is_some_and(|at| clock::is_due(now, at.0, rules::LONGEST_WAIT)) {
        return Ok(false);
    }
    match rules::step(export.phase(), export.asked) {
        Step::AskAgain => ask_again(tx, &export).await,
        Step::GiveUp => give_up(tx, &export).await,
        Step::Expire => end(tx, id, Phase::Expired).await,
        Step::Clear => clear(tx, id).await,
    }
}

/// Asks those who have not answered.
async fn ask_again(tx: &mut Tx, export: &ExportRow) -> db::Result<bool> {
    let awaited = queries::awaited(tx, export.id).await?;
    tracing::warn!(export.id = %export.id, services = ?awaited, "parts of an export are missing: their services are asked again");
    let next_at = rules::next_look(export.requested_at.0, export.asked.saturating_add(1));
    let export = queries::asked_again(tx, export.id, next_at).await?;
    ask(tx, &export, awaited).await?;
    Ok(false)
}

/// Nobody answers for a day that has a chance to.
async fn give_up(tx: &mut Tx, export: &ExportRow) -> db::Result<bool> {
    let awaited = queries::awaited(tx, export.id).await?;
    tracing::error!(export.id = %export.id, services = ?awaited, "an export failed: these services did not send their part");
    for service in awaited {
        metrics::counter!("exports_missed_total", "service" => service).increment(1);
    }
    metrics::counter!("exports_total", "outcome" => "failed").increment(1);
    end(tx, export.id, Phase::Failed).await
}

/// From here on nobody downloads it.
async fn end(tx: &mut Tx, id: ExportId, phase: Phase) -> db::Result<bool> {
    queries::end(tx, id, phase).await?;
    clear(tx, id).await
}

/// Deletes some of what was sent; it is looked at again until nothing is left.
async fn clear(tx: &mut Tx, id: ExportId) -> db::Result<bool> {
    let more = delete_some(tx, id).await?;
    let next_at = more.then(|| tx.now());
    queries::put_off(tx, id, next_at).await?;
    Ok(more)
}

/// Deletes it whole, what was sent first.
async fn delete(tx: &mut Tx, id: ExportId) -> db::Result<bool> {
    if delete_some(tx, id).await? {
        return Ok(true);
    }
    queries::delete(tx, id).await?;
    Ok(false)
}

async fn delete_some(tx: &mut Tx, id: ExportId) -> db::Result<bool> {
    let deleted = queries::delete_parts(tx, id, AT_ONCE).await?;
    Ok(i64::try_from(deleted).is_ok_and(|deleted| deleted >= AT_ONCE))
}
