//! The course of an erasure: the services are asked, their receipts come in, and this service is last.

use contracts::ErasureId;
use contracts::gdpr::{ErasureCompleted, ErasureConfirmed};
use db::Tx;

use super::row::ErasureRow;
use super::rules::{begins, next_ask};
use super::{mails, own, queries};
use crate::accounts;
use crate::state::State;

/// Running erasures that one look takes.
const PAGE: i64 = 1_000;

/// Begins an erasure whose grace is over: from now on it cannot be taken back.
pub async fn begin(tx: &mut Tx, state: &State, id: ErasureId) -> db::Result<()> {
    queries::settle_participants(tx).await?;
    let Some(erasure) = locked(tx, id).await? else { return Ok(()) };
    let now = tx.now();
    if !begins(erasure.stage(), erasure.grace_until.0, now) {
        return Ok(());
    }
    if let Some(user) = accounts::locked(tx, erasure.user_id).await?.filter(|user| user.email != erasure.pseudonym) {
        own::release(tx, &state.secrets, &user, &erasure.pseudonym).await?;
    }
    let services = queries::participants(tx, own::SERVICE).await?;
    queries::insert_steps(tx, id, &services, "ASKED", (now, next_ask(now, 1))).await?;
    queries::insert_steps(tx, id, &[own::SERVICE.to_owned()], "LAST", (now, None)).await?;
    queries::begin(tx, id, now).await?;
    outbox::emit(tx, &erasure.asked(services)).await?;
    complete_if_whole(tx, state, &erasure).await
}

/// Keeps a receipt, which is its service's own. One of nobody who was asked, or that came before, has no effect.
pub async fn confirmed(tx: &mut Tx, state: &State, receipt: &ErasureConfirmed) -> db::Result<()> {
    let (id, service) = (receipt.erasure_id, receipt.service.as_str());
    let Some(erasure) = locked(tx, id).await?.filter(|erasure| erasure.stage().is_running()) else {
        tracing::debug!(erasure.id = %id, service, "a receipt for an erasure that does not run");
        return Ok(());
    };
    let now = tx.now();
    let json = serde_json::to_value(receipt).map_err(db::Error::other)?;
    if !queries::confirm(tx, id, service, &json, now).await? {
        tracing::info!(erasure.id = %id, service, "a receipt that nobody waits for");
        return Ok(());
    }
    complete_if_whole(tx, state, &erasure).await
}

/// Completes an erasure of which no receipt is awaited any more, because the service that was asked for it is gone.
pub async fn complete(tx: &mut Tx, state: &State, id: ErasureId) -> db::Result<()> {
    match locked(tx, id).await?.filter(|erasure| erasure.stage().is_running()) {
        Some(erasure) => complete_if_whole(tx, state, &erasure).await,
        None => Ok(()),
    }
}

/// Keeps that a service takes part. One that was not known is asked for what runs already, since it may hold rows as well;
/// an erasure that begins meanwhile waits, and asks it with all others.
pub async fn announced(tx: &mut Tx, service: &str) -> db::Result<()> {
    let now = tx.now();
    queries::change_participants(tx).await?;
    if !queries::announce(tx, service, now).await? || service == own::SERVICE {
        return Ok(());
    }
    tracing::info!(service, "takes part in erasures from now on");
    let mut after = ErasureId(uuid::Uuid::nil());
    loop {
        let running = queries::running(tx, after, PAGE).await?;
        let Some(last) = running.last().copied() else { return Ok(()) };
        for id in running {
            if queries::locked(tx, id).await?.is_some_and(|erasure| erasure.stage().is_running()) {
                queries::insert_steps(tx, id, &[service.to_owned()], "ASKED", (now, Some(now))).await?;
            }
        }
        after = last;
    }
}

/// The erasure with all that it concerns, in the order in which everybody locks it.
async fn locked(tx: &mut Tx, id: ErasureId) -> db::Result<Option<ErasureRow>> {
    let Some(seen) = queries::find(tx, id).await? else { return Ok(None) };
    gdpr::lock(tx, seen.user_id).await?;
    accounts::locked(tx, seen.user_id).await?;
    queries::locked(tx, id).await
}

/// Erases the account itself once all others have done so, and says goodbye.
async fn complete_if_whole(tx: &mut Tx, state: &State, erasure: &ErasureRow) -> db::Result<()> {
    let (id, now) = (erasure.id, tx.now());
    if !queries::missing(tx, id).await?.is_empty() {
        return Ok(());
    }
    let address = address(state, erasure);
    let erased = own::erase(tx, &state.secrets, erasure, address.as_deref()).await?;
    let participants: Vec<String> = queries::steps(tx, id).await?.into_iter().map(|step| step.service).collect();
    let asked = erasure.asked(participants.clone());
    let receipt = gdpr::confirm(tx, &state.service_key, &asked, erased).await?;
    let json = serde_json::to_value(&receipt).map_err(db::Error::other)?;
    queries::confirm(tx, id, own::SERVICE, &json, now).await?;
    let farewell = match &address {
        Some(address) => mails::completed(tx, erasure, address).await?,
        None => None,
    };
    queries::complete(tx, id, farewell, now).await?;
    outbox::emit(tx, &ErasureCompleted { erasure_id: id, participants }).await?;
    metrics::counter!("erasures_completed_total").increment(1);
    tracing::info!(erasure.id = %id, "an account is erased");
    Ok(())
}

/// Where the last mail goes. Nowhere, if it was sealed with another secret than this process has: nobody stays as he is for
/// want of a farewell.
fn address(state: &State, erasure: &ErasureRow) -> Option<String> {
    let sealed = erasure.sealed_address.as_deref().unwrap_or_default();
    let opened = state.secrets.open(&ErasureRow::seal_of(erasure.id), sealed).ok();
    let address = opened.and_then(|address| String::from_utf8(address).ok());
    if address.is_none() {
        tracing::error!(erasure.id = %erasure.id, "the address cannot be opened: it is erased without a last mail");
    }
    address
}
