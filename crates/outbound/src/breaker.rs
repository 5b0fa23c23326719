//! When to leave a failing peer alone. Pure: times are spans since the peer was made, on a monotonic clock.

use std::time::Duration;

/// Slices of the window, one second each.
const SLICES: usize = 10;
const FEWEST_CALLS: u32 = 20;
const OPEN_FOR: Duration = Duration::from_secs(5);
const PROBES: u8 = 3;

/// A call that takes longer counts as failed.
pub(crate) const SLOW: Duration = Duration::from_secs(1);

/// What is known of a peer's health.
#[derive(Debug)]
pub(crate) struct Breaker {
    state: State,
    slices: [Slice; SLICES],
}

#[derive(Clone, Copy, Debug, Default)]
struct Slice {
    second: u64,
    calls: u32,
    failed: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    Open {
        since: Duration,
    },
    /// Some probes are on their way; when all came back well, it closes.
    Probing {
        running: u8,
        passed: u8,
    },
}

/// Leave to make one call; brought back by [`Breaker::done`] or [`Breaker::dropped`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    /// An ordinary call.
    Call,
    /// One of the calls that find out whether the peer is back.
    Probe,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { state: State::Closed, slices: [Slice::default(); SLICES] }
    }
}

impl Breaker {
    /// Leave for a call, unless the peer is left alone.
    pub(crate) fn admit(&mut self, now: Duration) -> Option<Permit> {
        if let State::Open { since } = self.state {
            if now.saturating_sub(since) < OPEN_FOR {
                return None;
            }
            self.state = State::Probing { running: 0, passed: 0 };
        }
        match &mut self.state {
            State::Probing { running, passed } if *running + *passed < PROBES => {
                *running += 1;
                Some(Permit::Probe)
            }
            State::Probing { .. } => None,
            State::Closed | State::Open { .. } => Some(Permit::Call),
        }
    }

    /// A call came back.
    pub(crate) fn done(&mut self, now: Duration, permit: Permit, well: bool) {
        match (permit, self.state) {
            (Permit::Probe, State::Probing { running, passed }) => {
                self.state = match well {
                    false => State::Open { since: now },
                    true if passed + 1 == PROBES => {
                        self.slices = [Slice::default(); SLICES];
                        State::Closed
                    }
                    true => State::Probing { running: running.saturating_sub(1), passed: passed + 1 },
                };
            }
            (Permit::Call, State::Closed) => {
                self.count(now, well);
                if self.is_failing(now) {
                    self.state = State::Open { since: now };
                }
            }
            // Came back after the state had changed: says nothing about now.
            _ => {}
        }
    }

    /// A call was given up by its caller; nothing is known of how it ended.
    pub(crate) fn dropped(&mut self, permit: Permit) {
        if let (Permit::Probe, State::Probing { running, .. }) = (permit, &mut self.state) {
            *running = running.saturating_sub(1);
        }
    }

    /// For the metric: 0 closed, 1 probing, 2 open.
    pub(crate) fn level(&self) -> u8 {
        match self.state {
            State::Closed => 0,
            State::Probing { .. } => 1,
            State::Open { .. } => 2,
        }
    }

    fn count(&mut self, now: Duration, well: bool) {
        let second = now.as_secs();
        let at = usize::try_from(second % SLICES as u64).unwrap_or(0);
        if let Some(slice) = self.slices.get_mut(at) {
            if slice.second != second {
                *slice = Slice { second, ..Slice::default() };
            }
            slice.calls += 1;
            slice.failed += u32::from(!well);
        }
    }

    fn is_failing(&self, now: Duration) -> bool {
        let oldest = (now.as_secs() + 1).saturating_sub(SLICES as u64);
        let recent = self.slices.iter().filter(|slice| slice.second >= oldest);
        let (calls, failed) = recent.fold((0, 0), |(calls, failed), s| (calls + s.calls, failed + s.failed));
        calls >= FEWEST_CALLS && failed * 2 >= calls
    }
}
