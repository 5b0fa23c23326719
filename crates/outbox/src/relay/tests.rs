use jiff::SignedDuration;
use proptest::prelude::*;

use super::horizon::{Horizon, Snapshot};
use super::queries::{LONGEST_WAIT, wait_after};

#[test]
fn a_refused_event_waits_from_one_second_to_five_minutes() {
    let waits: Vec<i64> = [0, 1, 2, 3, 8, 9, 100, i32::MAX].map(|n| wait_after(n).as_secs()).into();
    assert_eq!(waits, [1, 2, 4, 8, 256, 300, 300, 300]);
    assert_eq!(wait_after(-1), SignedDuration::from_secs(1));
    assert_eq!(wait_after(9), LONGEST_WAIT);
}

/// Writers that begin, take a position and commit in any order, as the database sees them.
#[derive(Default)]
struct Writers {
    next: i64,
    /// Transaction ids of those under way, with the position they took.
    running: Vec<(i64, Option<i64>)>,
    positions: i64,
    waiting: Vec<i64>,
}

impl Writers {
    fn begin(&mut self) {
        self.next += 1;
        self.running.push((self.next - 1, None));
    }

    fn place(&mut self, which: usize) {
        let open: Vec<usize> = (0..self.running.len()).filter(|at| self.running[*at].1.is_none()).collect();
        if !open.is_empty() {
            self.positions += 1;
            self.running[open[which % open.len()]].1 = Some(self.positions);
        }
    }

    fn commit(&mut self, which: usize) {
        if !self.running.is_empty() {
            let (_, position) = self.running.remove(which % self.running.len());
            self.waiting.extend(position);
            self.waiting.sort_unstable();
        }
    }

    fn from(&self, low: i64) -> Option<i64> {
        self.waiting.iter().copied().find(|position| *position >= low)
    }
}

proptest! {
    #[test]
    fn no_event_is_ever_below_the_horizon(steps in prop::collection::vec((0_u8..6, 0_usize..8), 1..300)) {
        let (mut writers, mut horizon) = (Writers::default(), Horizon::default());
        for (step, which) in steps {
            match step {
                0 | 1 => writers.begin(),
                2 => writers.place(which),
                3 => writers.commit(which),
                4 => if let Some(read) = writers.from(horizon.low()) {
                    horizon.saw(read);
                    writers.waiting.retain(|position| *position != read);
                },
                _ => {
                    let ended_below = writers.running.iter().map(|(id, _)| *id).min().unwrap_or(writers.next);
                    let first_waiting = writers.from(horizon.low());
                    horizon.advance(Snapshot { ended_below, next: writers.next, first_waiting });
                }
            }
            let coming = writers.running.iter().filter_map(|(_, position)| *position);
            prop_assert!(coming.chain(writers.waiting.iter().copied()).all(|position| position >= horizon.low()));
        }
    }
}

#[test]
fn the_horizon_follows_what_was_published() {
    let mut horizon = Horizon::default();
    let snapshot = |ended_below, first_waiting| Snapshot { ended_below, next: 10, first_waiting };
    horizon.saw(7);
    horizon.advance(snapshot(10, None));
    horizon.advance(snapshot(9, None));
    assert_eq!(horizon.low(), 0, "somebody who began before may still bring a lower one");
    horizon.advance(snapshot(10, Some(5)));
    assert_eq!(horizon.low(), 5, "one waits");
    horizon.advance(snapshot(10, None));
    assert_eq!(horizon.low(), 8);
}
