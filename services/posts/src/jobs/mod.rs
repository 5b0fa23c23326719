//! Work beside the requests, once a night: [`check_counters`], then [`sweep_likes`], then [`prune`].
//!
//! Of several instances one does it, and a night that was missed is made up for at the next look. Start with [`run`].

pub mod check_counters;
pub mod prune;
pub mod sweep_likes;

pub mod rules;

mod queries;

use std::time::Duration;

use tokio::sync::watch;

use crate::state::State;

/// How often is looked whether a night's work is due.
const LOOK: Duration = Duration::from_secs(60);
/// Its name among the jobs.
const NIGHTLY: &str = "nightly";

/// Looks every minute whether the night's work is due, until `stop`.
pub async fn run(state: State, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = round(&state).await {
            tracing::warn!(%error, "the night's work was not done; it is tried again in a minute");
        }
        let stopped = stop.wait_for(|stop| *stop);
        if tokio::time::timeout(LOOK, stopped).await.is_ok() {
            return;
        }
    }
}

/// Does the night's work if it is due and nobody else does it; says whether.
pub async fn round(state: &State) -> db::Result<bool> {
    let now = state.clock.now();
    let due = rules::last_due(now);
    if !queries::claim(&mut *state.db.conn().await?, NIGHTLY, due, now).await? {
        return Ok(false);
    }
    let repaired = check_counters::check_counters(&state.db).await?;
    let swept = sweep_likes::sweep_likes(&state.db).await?;
    let pruned = prune::prune(state).await?;
    tracing::info!(repaired, swept, pruned, "the night's work is done");
    Ok(true)
}
