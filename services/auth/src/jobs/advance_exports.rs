//! Moves exports on: asks again for what is missing, ends links, deletes what is over.

use std::time::Duration;

use db::{Db, Tx};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::exports;

const EVERY: Duration = Duration::from_secs(10);
const AT_ONCE: i64 = 50;

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

/// Does one step of what is due; whether there is more.
pub async fn once(db: &Db) -> db::Result<bool> {
    let due = exports::due(&mut *db.conn().await?, db.clock().now(), AT_ONCE).await?;
    let mut more = i64::try_from(due.len()).is_ok_and(|due| due >= AT_ONCE);
    for (export, owner) in due {
        more |= db.tx(async |tx: &mut Tx| exports::advance::advance(tx, export, owner).await).await?;
    }
    Ok(more)
}
