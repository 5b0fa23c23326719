//! Moves exports on: asks again for what is missing, ends links, deletes what is over.

use std::time::Duration;

use contracts::ExportId;
use db::{Db, Tx};
use jiff::SignedDuration;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::exports;

const EVERY: Duration = Duration::from_secs(10);
const AT_ONCE: i64 = 50;
/// So long after it failed an export is looked at again.
const AFTER_A_FAILURE: SignedDuration = SignedDuration::from_mins(1);

/// Looks at what is due until `stop` says so.
pub async fn advance_exports(db: Db, mut stop: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = tick.tick() => {}
        }
        loop {
            match once(&db).await {
                Ok(more) if more && !*stop.borrow() => tokio::task::yield_now().await,
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "the exports could not be looked at");
                    break;
                }
            }
        }
    }
}

/// Does one step of what is due; whether there is more. One that fails, or that somebody has locked, keeps no other from it:
/// it is looked at again after those that wait.
pub async fn once(db: &Db) -> db::Result<bool> {
    let due = exports::due(&mut *db.conn().await?, db.clock().now(), AT_ONCE).await?;
    let full = i64::try_from(due.len()).is_ok_and(|due| due >= AT_ONCE);
    let mut more = false;
    for (export, owner) in due {
        match db.tx(async |tx: &mut Tx| exports::advance::advance(tx, export, owner).await).await {
            Ok(left) => more |= left || full,
            Err(error) => {
                tracing::error!(export.id = %export, %error, "an export could not be looked at; it is tried again");
                put_off(db, export).await;
            }
        }
    }
    Ok(more)
}

/// Behind those that wait; where not even that can be written it stays where it is.
async fn put_off(db: &Db, export: ExportId) {
    let later = async { exports::put_off(&mut *db.conn().await?, export, db.clock().now() + AFTER_A_FAILURE).await };
    if let Err(error) = later.await {
        tracing::warn!(export.id = %export, %error, "it could not be put off either");
    }
}
