//! Forgets mails that ended long ago, a few at a time.

use std::time::Duration;

use db::Ts;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::deliveries::queries;
use crate::state::State;

/// How long a mail is remembered after its end: longer than any event can come again.
pub const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How many rows one statement deletes.
const BATCH: i64 = 500;
/// Between two looks.
const PAUSE: Duration = Duration::from_secs(3600);

/// Forgets, hour by hour, until told to stop.
pub async fn prune(state: State, mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = round(&state).await {
            tracing::warn!(%error, "old mails cannot be forgotten yet");
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Forgets all that ended long enough ago; how many there were.
pub async fn round(state: &State) -> db::Result<usize> {
    let before = Ts(state.clock.now().checked_sub(KEPT).unwrap_or(Timestamp::MIN));
    let mut forgotten = 0;
    loop {
        let batch = queries::prune(&mut *state.db.conn().await?, before, BATCH).await?;
        forgotten += batch;
        if batch == 0 {
            return Ok(forgotten);
        }
    }
}
