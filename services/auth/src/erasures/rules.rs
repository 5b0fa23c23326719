//! What an erasure decides: when somebody is asked again, when it is late, and when it may be taken back.

use jiff::{SignedDuration, Timestamp};

/// One month (GDPR, article 12(3)) from the request, however long it may be taken back.
pub const DEADLINE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// So long a receipt is waited for before administrators are told.
pub const STALLS_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// So long before the end of that month the alarm is raised once more, while there is time.
pub const ALARM_BEFORE: SignedDuration = SignedDuration::from_hours(5 * 24);
/// So long after the first time a service is asked again.
const AGAIN: [SignedDuration; 3] =
    [SignedDuration::from_mins(15), SignedDuration::from_hours(1), SignedDuration::from_hours(6)];
/// The longest of them.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(6);

/// How far an erasure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It was asked for.
    Requested,
    /// Services are asked.
    Running,
    /// Some did not answer for a day.
    Stalled,
    /// Nobody knows the account any more.
    Completed,
    /// Its owner took it back.
    Cancelled,
}

impl Stage {
    const ALL: [Self; 5] = [Self::Requested, Self::Running, Self::Stalled, Self::Completed, Self::Cancelled];

    /// Its name in the table and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::Running => "RUNNING",
            Self::Stalled => "STALLED",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }

    /// Whether receipts are awaited.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Running | Self::Stalled)
    }
}

/// When a service that was first asked at `asked_at` is asked again, after so many times; never after the last.
pub fn next_ask(asked_at: Timestamp, attempts: i32) -> Option<Timestamp> {
    let done = usize::try_from(attempts).ok()?.checked_sub(1)?;
    AGAIN.get(done).map(|wait| asked_at + *wait)
}

/// Whether a receipt that was first asked for at `asked_at` is late.
pub fn is_late(asked_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(asked_at) >= STALLS_AFTER
}

/// Whether it is time for the last alarm about an erasure that runs.
pub fn is_alarming(deadline: Timestamp, now: Timestamp) -> bool {
    deadline.duration_since(now) <= ALARM_BEFORE
}

/// Whether an erasure begins. A clock that went back delays it: what is erased cannot be brought back.
pub fn begins(stage: Stage, grace_until: Timestamp, now: Timestamp) -> bool {
    stage == Stage::Requested && now >= grace_until
}

/// Whether it may be taken back.
pub fn may_cancel(stage: Stage, grace_until: Timestamp, now: Timestamp) -> bool {
    stage == Stage::Requested && now < grace_until
}
