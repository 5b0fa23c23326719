//! When a night's work is due, and what is wrong with a counter.

use contracts::PostId;
use jiff::{SignedDuration, Timestamp};

/// The work is due at this hour, UTC.
const HOUR: i64 = 3;
const DAY_SECS: i64 = 24 * 3600;

/// What a post's counters say, and what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The post.
    pub post: PostId,
    /// Likes by the counter.
    pub likes_said: i32,
    /// Comments by the counter.
    pub comments_said: i32,
    /// Likes by their rows.
    pub likes: i64,
    /// Comments by their rows.
    pub comments: i64,
}

impl Count {
    /// Whether a counter is wrong.
    pub fn is_wrong(&self) -> bool {
        i64::from(self.likes_said) != self.likes || i64::from(self.comments_said) != self.comments
    }
}

/// The last moment, not after `now`, at which the work was due.
pub fn last_due(now: Timestamp) -> Timestamp {
    let since = (now.as_second() - HOUR * 3600).rem_euclid(DAY_SECS);
    let whole = now - SignedDuration::from_nanos(i64::from(now.subsec_nanosecond()));
    whole - SignedDuration::from_secs(since)
}
