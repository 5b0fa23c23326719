//! Takes PREMIUM back where its time is over: a grant that ended, a payment that never came, a subscription whose end was
//! chosen and whose last event got lost.

use std::time::Duration;

use db::Tx;
use problem::Problem;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::state::State;
use crate::tiers;

const EVERY: Duration = Duration::from_secs(15);

/// Settles what is due until `stop` says so.
pub async fn settle_tiers(state: State, mut stop: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = tick.tick() => {}
        }
        loop {
            match once(&state).await {
                Ok(true) if !*stop.borrow() => tokio::task::yield_now().await,
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "a tier that is over could not be settled");
                    break;
                }
            }
        }
    }
}

/// Settles one account; whether there was one.
pub async fn once(state: &State) -> Result<bool, Problem> {
    let ended = state.db.tx(async |tx: &mut Tx| tiers::settle_due(tx, &state.clock).await).await?;
    if let Some(ended) = &ended {
        ended.tell(state);
    }
    Ok(ended.is_some())
}
