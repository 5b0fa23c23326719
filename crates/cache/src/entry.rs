//! One remembered value and the span in which it holds.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A value with the span that it was stored for. This is also what Redis holds, as JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry<T> {
    stored_at: i64,
    ttl_micros: i64,
    pub(crate) value: T,
}

impl<T> Entry<T> {
    pub(crate) fn new(value: T, now: Timestamp, ttl: SignedDuration) -> Self {
        Self { stored_at: now.as_microsecond(), ttl_micros: i64::try_from(ttl.as_micros()).unwrap_or(i64::MAX), value }
    }

    /// Whether it still holds at `now`; before it was stored it did not.
    pub(crate) fn holds(&self, now: Timestamp) -> bool {
        !self.left(now).is_zero()
    }

    /// For how much longer it holds; zero when it does not.
    pub(crate) fn left(&self, now: Timestamp) -> SignedDuration {
        let Ok(stored_at) = Timestamp::from_microsecond(self.stored_at) else { return SignedDuration::ZERO };
        let ttl = SignedDuration::from_micros(self.ttl_micros);
        if clock::is_within(now, stored_at, ttl) { ttl - now.duration_since(stored_at) } else { SignedDuration::ZERO }
    }
}
