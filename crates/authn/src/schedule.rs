//! When the key set is read again. Pure: moments are those of a monotonic clock.

use std::time::Duration;

use tokio::time::Instant;

const EVERY: Duration = Duration::from_secs(300);
/// However many tokens name a key that is not here, and however long auth is away.
const AT_MOST_EVERY: Duration = Duration::from_secs(30);
/// While there is no key at all, or new ones are known to be there.
const EAGERLY: Duration = Duration::from_secs(1);

/// When the key set was asked for, and when it is due.
pub(crate) struct Schedule {
    due: Instant,
    asked: Option<Instant>,
    /// Auth said that the keys changed, and has not answered since.
    changed: bool,
}

impl Schedule {
    /// Due at once.
    pub(crate) fn new(now: Instant) -> Self {
        Self { due: now, asked: None, changed: false }
    }

    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.due <= now
    }

    /// Auth said that the keys changed.
    pub(crate) fn changed(&mut self, now: Instant) {
        self.due = now;
        self.changed = true;
    }

    /// A token names a key that is not here: perhaps there is a new one, perhaps somebody plays.
    pub(crate) fn unknown(&mut self, now: Instant) {
        let earliest = self.asked.map_or(now, |asked| asked + AT_MOST_EVERY);
        self.due = self.due.min(earliest.max(now));
    }

    /// Auth was asked just now and answered or not.
    pub(crate) fn asked(&mut self, now: Instant, answered: bool, has_keys: bool) {
        self.asked = Some(now);
        self.changed &= !answered;
        self.due = now
            + match (answered, has_keys && !self.changed) {
                (true, _) => EVERY,
                (false, true) => AT_MOST_EVERY,
                (false, false) => EAGERLY,
            };
    }
}
