//! When guessing is locked: by failures from one network or one device, and by those from everywhere together; codes by
//! all of one account as well, however slowly they come.

use jiff::{SignedDuration, Timestamp};

/// So long after the last of them failures from one network or device are remembered, and all codes of one account. No
/// lock is longer.
pub const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);
/// So close to each other failures from everywhere have to come to lock, and so long they lock then.
pub const TOGETHER: SignedDuration = SignedDuration::from_mins(15);

/// So far the clocks of several processes may be apart.
pub const APART: SignedDuration = SignedDuration::from_secs(1);

/// So many failures, and how long they lock.
type Rung = (usize, SignedDuration);

const ORIGIN: [Rung; 5] = [
    (5, SignedDuration::from_mins(1)),
    (10, SignedDuration::from_mins(10)),
    (15, SignedDuration::from_mins(15)),
    (20, SignedDuration::from_hours(1)),
    (25, REMEMBERED),
];
const EVERYWHERE: [Rung; 1] = [(20, TOGETHER)];
/// A code has a million forms: a hundred guesses in a row are the most (NIST SP 800-63B §5.2.2).
const ACCOUNT: [Rung; 3] = [(20, TOGETHER), (50, SignedDuration::from_hours(1)), (100, REMEMBERED)];

/// How failures are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ladder {
    /// Those from one network, or by one device that the account knows.
    Origin,
    /// Those from everywhere.
    Everywhere,
    /// Codes of one account.
    Account,
}

impl Ladder {
    /// Until when nothing is checked at `now`, after failures at these `times`, the last one last.
    pub fn locked_until(self, times: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
        let (rung, span) = *self.rungs().iter().rev().find(|(rung, _)| *rung <= times.len())?;
        let until = *times.get(rung - 1)? + span;
        holds(until, span, now).then_some(until)
    }

    /// Those of `times` that still count at `now`, and one more.
    pub fn with_failure(self, times: &[Timestamp], now: Timestamp) -> Vec<Timestamp> {
        let mut counted = match self {
            Self::Origin | Self::Account if times.last().is_some_and(|last| is_near(*last, now, REMEMBERED)) => {
                times.to_vec()
            }
            Self::Origin | Self::Account => Vec::new(),
            Self::Everywhere => times.iter().copied().filter(|at| is_near(*at, now, TOGETHER)).collect(),
        };
        counted.push(now);
        // Past the last rung each failure locks as that rung does.
        let last = self.rungs().last().map_or(0, |(rung, _)| *rung);
        counted.drain(..counted.len().saturating_sub(last));
        counted
    }

    fn rungs(self) -> &'static [Rung] {
        match self {
            Self::Origin => &ORIGIN,
            Self::Everywhere => &EVERYWHERE,
            Self::Account => &ACCOUNT,
        }
    }
}

/// Whether a lock of `span` that ends at `until` holds at `now`. One that ends later than its span allows was set by a
/// clock that has gone back since, unless it is so little that it was set by another process just now.
pub fn holds(until: Timestamp, span: SignedDuration, now: Timestamp) -> bool {
    let ahead = until.duration_since(now);
    ahead.is_positive() && ahead <= span + APART
}

/// Whether less than `within` lies between the two, whichever comes first: no clock that differs makes forget.
fn is_near(at: Timestamp, now: Timestamp, within: SignedDuration) -> bool {
    now.duration_since(at).abs() < within
}
