//! Answers that come after equal times, whatever was found.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// Longer than the work takes when nothing is in the way; differences below it cannot be seen.
const STEP: Duration = Duration::from_millis(250);

/// The time that an answer takes: a whole number of steps of a quarter of a second.
///
/// Of requests that came in the same millisecond the first to sleep is the first to wake. So each takes its place when it
/// comes and not when its work is done: somebody who asks about two addresses at once would see by the order of the answers
/// which took longer ("Timeless Timing Attacks", Van Goethem and others, USENIX Security 2020).
pub struct Pace {
    began: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Pace {
    /// Begins with a request, before anything that depends on whom it is about.
    pub async fn begin() -> Self {
        let began = Instant::now();
        let mut timer = Box::pin(sleep_until(began + STEP));
        let _takes_its_place = futures_util::poll!(timer.as_mut());
        Self { began, timer }
    }

    /// Waits until a whole number of steps has passed. Whoever waits gives back first what others wait for.
    pub async fn even(mut self) {
        if self.timer.is_elapsed() {
            let steps = self.began.elapsed().as_millis() / STEP.as_millis() + 1;
            self.timer.as_mut().reset(self.began + STEP * u32::try_from(steps).unwrap_or(1));
        }
        self.timer.await;
    }
}
