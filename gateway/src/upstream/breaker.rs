//! When to leave a failing service alone: a window of ten seconds, then five of rest, then three probes.

/// Ticks are tenths of a second.
const SLOT: u32 = 10;
const SLOTS: usize = 10;
const LEAST_CALLS: u32 = 20;
const REST: u32 = 50;
const PROBES: u8 = 3;

/// One service's breaker, as one core sees it.
#[derive(Debug)]
pub(crate) struct Breaker {
    state: State,
    slots: [Slot; SLOTS],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    Open { until: u32 },
    Probing { sent: u8, passed: u8 },
}

/// What happened in one second.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    second: u32,
    calls: u32,
    failures: u32,
}

/// A call that was let pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admitted {
    /// As any other.
    Usual,
    /// To see whether the service is well again.
    Probe,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Answered, and in time.
    Well,
    /// Not answered, answered late, or with an error of the service.
    Badly,
    /// Given up by the client.
    Unknown,
}

impl Breaker {
    pub(crate) fn new() -> Self {
        Self { state: State::Closed, slots: [Slot::default(); SLOTS] }
    }

    /// Whether a call may pass at tick `now`.
    pub(crate) fn admit(&mut self, now: u32) -> Option<Admitted> {
        match self.state {
            State::Closed => Some(Admitted::Usual),
            State::Open { until } if now < until && until - now <= REST => None,
            State::Open { .. } => {
                self.state = State::Probing { sent: 1, passed: 0 };
                Some(Admitted::Probe)
            }
            State::Probing { sent, passed } if sent < PROBES => {
                self.state = State::Probing { sent: sent + 1, passed };
                Some(Admitted::Probe)
            }
            State::Probing { .. } => None,
        }
    }

    /// A call ended. Answers whether the breaker opened or closed by it.
    pub(crate) fn record(&mut self, now: u32, admitted: Admitted, outcome: Outcome) -> Option<bool> {
        match (self.state, admitted, outcome) {
            (State::Probing { sent, passed }, Admitted::Probe, Outcome::Unknown) => {
                self.state = State::Probing { sent: sent.saturating_sub(1), passed };
                None
            }
            (State::Probing { .. }, Admitted::Probe, Outcome::Badly) => {
                self.state = State::Open { until: now + REST };
                None
            }
            (State::Probing { passed, .. }, Admitted::Probe, Outcome::Well) if passed + 1 == PROBES => {
                *self = Self::new();
                Some(false)
            }
            (State::Probing { sent, passed }, Admitted::Probe, Outcome::Well) => {
                self.state = State::Probing { sent, passed: passed + 1 };
                None
            }
            (State::Closed, Admitted::Usual, Outcome::Well | Outcome::Badly) => self.count(now, outcome),
            _ => None,
        }
    }

    fn count(&mut self, now: u32, outcome: Outcome) -> Option<bool> {
        let second = now / SLOT;
        let slot = self.slots.get_mut(second as usize % SLOTS)?;
        if slot.second != second {
            *slot = Slot { second, calls: 0, failures: 0 };
        }
        slot.calls += 1;
        if outcome == Outcome::Well {
            return None;
        }
        slot.failures += 1;
        let recent = self.slots.iter().filter(|slot| second.wrapping_sub(slot.second) < SLOTS as u32);
        let (calls, failures) = recent.fold((0, 0), |(c, f), slot| (c + slot.calls, f + slot.failures));
        (calls >= LEAST_CALLS && failures * 2 >= calls).then(|| {
            self.state = State::Open { until: now + REST };
            true
        })
    }
}
