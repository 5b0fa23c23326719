//! How long a challenge is good, and for how many tries.

use jiff::{SignedDuration, Timestamp};

/// So long a second factor may be shown after the first.
pub const WITHIN: SignedDuration = SignedDuration::from_mins(5);
/// So often it may be tried.
pub const TRIES: i32 = 5;
/// So far the clocks of several processes may be apart.
const SKEW: SignedDuration = SignedDuration::from_secs(1);

/// A challenge that was found by its token.
#[derive(Clone, Copy, Debug)]
pub struct Posed {
    /// When it was posed.
    pub at: Timestamp,
    /// Whether it was used.
    pub used: bool,
    /// How often a second factor was tried.
    pub tries: i32,
    /// Whether the account is what it was when the challenge was posed.
    pub same_account: bool,
}

/// Whether a second factor may be tried at `now`. A challenge of a clock that has gone back since is over.
pub fn is_open(posed: &Posed, now: Timestamp) -> bool {
    let in_time = (-SKEW..WITHIN).contains(&now.duration_since(posed.at));
    in_time && !posed.used && posed.same_account && posed.tries < TRIES
}
