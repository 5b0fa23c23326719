//! How long to wait before what ended is started again.

use std::time::Duration;

/// What has run this long was well.
const WELL: Duration = Duration::from_secs(10);
const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(10);

/// At once, then twice as long each time, until it has run well again.
#[derive(Debug, Default)]
pub struct Backoff {
    next: Option<Duration>,
}

impl Backoff {
    /// The wait after something that ran for so long.
    pub fn after(&mut self, ran: Duration) -> Duration {
        if ran >= WELL {
            self.next = None;
        }
        let wait = self.next.unwrap_or_default();
        self.next = Some((wait * 2).clamp(FIRST, LONGEST));
        wait
    }
}
