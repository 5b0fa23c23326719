//! Chunks of parts, as they come: more than once, in any order, from services that were asked again meanwhile.

use contracts::export::ExportPartReady;
use contracts::{ExportId, UserId};
use db::Tx;

use super::queries;
use super::row::{PartRow, ServiceRow};
use super::rules::{self, Phase, Place};
use crate::accounts;
use crate::accounts::notices::{self, Notice};
use crate::accounts::row::UserRow;

/// Keeps a chunk; with the last one that is missing the archive is ready, and its owner is mailed. What nobody waits for
/// is dropped.
pub async fn keep(tx: &mut Tx, part: &ExportPartReady) -> db::Result<()> {
    let Some(owner) = queries::owner_of(tx, part.export_id).await? else { return Ok(()) };
    let Some(user) = preparing(tx, owner, part.export_id).await? else { return Ok(()) };
    let Some(known) = queries::service(tx, part.export_id, &part.service).await? else { return Ok(()) };
    match rules::place(known.is_whole(), known.asked, part.asked) {
        Place::Nowhere => return Ok(()),
        Place::Among => {}
        Place::Anew => queries::begin_anew(tx, part.export_id, &part.service, part.asked).await?,
    }
    let row = PartRow {
        export_id: part.export_id,
        service: part.service.clone(),
        number: part.number,
        file: part.file.clone(),
        content: part.content.clone(),
    };
    let total = part.last.then(|| part.number.saturating_add(1));
    match queries::keep(tx, &row, total).await? {
        Some(counted) if is_whole(&counted) => complete(tx, &user, part).await,
        _ => Ok(()),
    }
}

/// The account of an export that is being prepared, both locked until the transaction ends.
async fn preparing(tx: &mut Tx, owner: UserId, export: ExportId) -> db::Result<Option<UserRow>> {
    let user = accounts::locked(tx, owner).await?.filter(|user| user.is_active);
    let export = queries::locked(tx, owner, export).await?;
    Ok(user.filter(|_| export.is_some_and(|export| export.phase() == Phase::Preparing)))
}

fn is_whole(counted: &ServiceRow) -> bool {
    counted.total.is_some_and(|total| counted.received >= total)
}

/// The part of a service is whole; if it was the last, all of them are.
async fn complete(tx: &mut Tx, user: &UserRow, part: &ExportPartReady) -> db::Result<()> {
    queries::complete(tx, part.export_id, &part.service).await?;
    if !queries::awaited(tx, part.export_id).await?.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    queries::make_ready(tx, part.export_id, now, now + rules::GOOD_FOR).await?;
    notices::mail(tx, Notice::ExportReady, user, &user.email).await?;
    metrics::counter!("exports_total", "outcome" => "ready").increment(1);
    Ok(())
}
