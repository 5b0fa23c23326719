//! Answers that come after equal times, whatever was found.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Longer than the work takes when nothing is in the way; differences below it cannot be seen.
const STEP: Duration = Duration::from_millis(250);

/// Waits until a whole number of steps has passed since `began`.
pub async fn even(began: Instant) {
    let steps = began.elapsed().as_millis() / STEP.as_millis() + 1;
    sleep_until(began + STEP * u32::try_from(steps).unwrap_or(1)).await;
}
