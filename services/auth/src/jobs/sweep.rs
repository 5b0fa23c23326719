//! Deletes what is over, long after it is, and tells which locks are. In small steps, so that nobody waits.

use std::time::Duration;

use db::{Db, Tx, idempotency};
use jiff::SignedDuration;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::{
    accounts, challenges, devices, exports, factors, history, identities, locks, passkeys, providers, revocations,
    sessions, subscriptions, tokens,
};

const EVERY: Duration = Duration::from_secs(600);
const AT_ONCE: i64 = 500;
/// What is over is kept so long: an owner may ask, and a clock that travelled may come back.
const KEPT: SignedDuration = SignedDuration::from_hours(35 * 24);
/// Failures count for a day.
const FAILURES_KEPT: SignedDuration = SignedDuration::from_hours(2 * 24);
/// An assertion that expired is refused for that; it is kept a little for a clock that travelled.
const ASSERTIONS_KEPT: SignedDuration = SignedDuration::from_hours(1);
/// What a browser was asked is over after minutes, and anybody may have it asked: it goes soon.
const CEREMONIES_KEPT: SignedDuration = SignedDuration::from_mins(30);
/// Anybody can come back from a provider as well, and what he came with has expired by then.
const RETURNS_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// The history of an account's safety.
const HISTORY_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Subscriptions that are over: Stripe may send their events again for a month, and owners ask for a year.
const SUBSCRIPTIONS_KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Sweeps until `stop` says so.
pub async fn sweep(db: Db, mut stop: watch::Receiver<bool>) {
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
                    tracing::warn!(%error, "what is over could not be swept");
                    break;
                }
            }
        }
    }
}

/// Sweeps one step of each table; whether there is more.
pub async fn once(db: &Db) -> db::Result<bool> {
    let now = db.clock().now();
    let (before, history_before) = (now - KEPT, now - HISTORY_KEPT);
    let unlocked = db.tx(async |tx: &mut Tx| locks::unlock_due(tx, AT_ONCE).await).await?;
    let mut conn = db.conn().await?;
    let conn = &mut *conn;
    let swept = [
        unlocked,
        accounts::sweep_links(conn, before, AT_ONCE).await?,
        challenges::sweep(conn, before, AT_ONCE).await?,
        factors::sweep(conn, before, AT_ONCE).await?,
        sessions::sweep(conn, before, AT_ONCE).await?,
        revocations::sweep(conn, before, AT_ONCE).await?,
        history::sweep(conn, history_before, AT_ONCE).await?,
        locks::sweep(conn, now - FAILURES_KEPT, AT_ONCE).await?,
        devices::sweep(conn, now - devices::KEPT, AT_ONCE).await?,
        subscriptions::sweep(conn, before, now - SUBSCRIPTIONS_KEPT, AT_ONCE).await?,
        passkeys::sweep(conn, now - CEREMONIES_KEPT, AT_ONCE).await?,
        exports::sweep(conn, before, AT_ONCE).await?,
        providers::sweep(conn, now - RETURNS_KEPT, before, AT_ONCE).await?,
        identities::sweep(conn, before, AT_ONCE).await?,
        idempotency::prune(conn, now, AT_ONCE).await?,
        tokens::sweep(conn, now - ASSERTIONS_KEPT, AT_ONCE).await?,
    ];
    Ok(swept.iter().any(|swept| i64::try_from(*swept).is_ok_and(|swept| swept >= AT_ONCE)))
}
