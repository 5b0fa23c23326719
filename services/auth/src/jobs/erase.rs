//! Looks after erasures each second: begins those whose grace is over, asks again who does not answer, tells what stalls.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::erasures::chase;
use crate::state::State;

const EVERY: Duration = Duration::from_secs(1);

/// Looks until `stop` says so.
pub async fn erase(state: State, mut stop: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = tick.tick() => {}
        }
        if let Err(error) = chase::round(&state).await {
            tracing::warn!(%error, "erasures could not be looked after");
        }
    }
}
