//! Erasing somebody: rows, tombstone and receipt in the transaction that notes that it was asked for.

use std::collections::BTreeMap;

use authn::ServiceKey;
use contracts::UserId;
use contracts::gdpr::{ErasureConfirmed, ErasureRequested, Retained};
use db::Tx;
use telemetry::Context;

use crate::told::forget_young;
use crate::{forget_told, receipt, tombstones};

/// What a service erased, and what it keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// How many of what: `posts`, `likes`.
    pub counts: BTreeMap<String, i64>,
    /// What it keeps, and by what right.
    pub retained: Vec<Retained>,
}

impl Erased {
    /// With so many of `what` more.
    #[must_use]
    pub fn and(mut self, what: &str, rows: usize) -> Self {
        *self.counts.entry(what.to_owned()).or_default() += i64::try_from(rows).unwrap_or(i64::MAX);
        self
    }

    /// With something that is kept.
    #[must_use]
    pub fn but(mut self, retained: Retained) -> Self {
        self.retained.push(retained);
        self
    }
}

/// An async function of a transaction and an account that erases the account's rows: what [`erase`] takes.
pub trait Erase<'a>: FnOnce(&'a mut Tx, UserId) -> Self::Done + Send {
    /// Its future.
    type Done: Future<Output = db::Result<Erased>> + Send + 'a;
}

impl<'a, F, D> Erase<'a> for F
where
    F: FnOnce(&'a mut Tx, UserId) -> D + Send,
    D: Future<Output = db::Result<Erased>> + Send + 'a,
{
    type Done = D;
}

/// Erases whom auth asks to erase, by `work`, and answers for the service whose key this is; all of it in the
/// transaction of the event. What takes long comes before `work`, which locks what others want. Asked again it answers
/// the same receipt, and `work` is not called; whose receipt is not awaited says nothing.
///
/// # Errors
/// Those of the database.
pub async fn erase(
    tx: &mut Tx,
    key: &ServiceKey,
    asked: &ErasureRequested,
    work: impl for<'a> Erase<'a>,
) -> db::Result<()> {
    tombstones::lock(tx, asked.user_id).await?;
    if let Some(receipt) = tombstones::receipt(tx, asked.user_id, asked.erasure_id).await? {
        let awaited = asked.participants.iter().any(|service| service == key.service());
        return if awaited { answer(tx, &receipt::renewed(key, receipt)?).await } else { Ok(()) };
    }
    forget_told(tx, asked.user_id).await?;
    let erased = work(&mut *tx, asked.user_id).await?;
    confirm(tx, key, asked, erased).await?;
    Ok(())
}

/// What comes after the rows: the outbox forgets what was told of him meanwhile, the tombstone stands, the receipt is told.
/// [`erase`] does it; auth, which asks itself last, calls it where it is done, behind [`crate::lock`] and [`forget_told`].
///
/// # Errors
/// Those of the database.
pub async fn confirm(
    tx: &mut Tx,
    key: &ServiceKey,
    asked: &ErasureRequested,
    erased: Erased,
) -> db::Result<ErasureConfirmed> {
    forget_young(tx, asked.user_id).await?;
    let receipt = receipt::write(key, asked.erasure_id, erased)?;
    tombstones::keep(tx, asked.user_id, &receipt).await?;
    answer(tx, &receipt).await?;
    Ok(receipt)
}

/// Who asked is who was erased, and the answer is not to say so.
async fn answer(tx: &mut Tx, receipt: &ErasureConfirmed) -> db::Result<()> {
    let context = Context { actor: None, ..Context::current().unwrap_or_else(Context::begin) };
    context.scope(outbox::emit(tx, receipt)).await?;
    Ok(())
}
