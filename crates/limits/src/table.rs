//! The marks of this process, in shards.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Decision, Key, Policy, rules};

const SHARDS: usize = 64;
/// A shard is thinned when it reaches this, so a flood of addresses costs some 20 MB at most.
const PER_SHARD: usize = 4_096;

/// Whose mark it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Slot {
    pub(crate) policy: &'static str,
    pub(crate) key: Key,
}

/// A mark, and what was spent since the other processes were told.
#[derive(Clone, Copy, Debug)]
struct Mark {
    at: i64,
    untold: i64,
    window: i64,
}

/// What was spent of one slot, to be told to the other processes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    pub(crate) slot: Slot,
    pub(crate) micros: i64,
    pub(crate) window: i64,
}

pub(crate) struct Table([Mutex<HashMap<Slot, Mark>>; SHARDS]);

impl Table {
    pub(crate) fn new() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }

    /// Decides here and now, and notes what was spent.
    pub(crate) fn check(&self, policy: &Policy, key: Key, cost: u32, now: i64) -> Decision {
        let slot = Slot { policy: policy.name, key };
        let mut shard = self.shard(&slot);
        if shard.len() >= PER_SHARD && !shard.contains_key(&slot) {
            thin(&mut shard, now);
        }
        let mark = shard.entry(slot).or_insert(Mark { at: now, untold: 0, window: policy.window_micros() });
        match rules::spend(mark.at, now, policy, cost) {
            Some(moved) => {
                mark.at = moved;
                mark.untold = mark.untold.saturating_add(rules::price(policy, cost));
                rules::decision(moved, now, policy, cost, true)
            }
            None => {
                mark.at = rules::clamped(mark.at, now, policy);
                rules::decision(mark.at, now, policy, cost, false)
            }
        }
    }

    /// Where the mark of `key` stands, `now` where there is none.
    pub(crate) fn mark(&self, policy: &Policy, key: Key, now: i64) -> i64 {
        let slot = Slot { policy: policy.name, key };
        self.shard(&slot).get(&slot).map_or(now, |mark| rules::clamped(mark.at, now, policy))
    }

    /// Takes over a mark that Redis answered.
    pub(crate) fn settle(&self, policy: &Policy, key: Key, at: i64) {
        let slot = Slot { policy: policy.name, key };
        let mut shard = self.shard(&slot);
        if shard.len() < PER_SHARD || shard.contains_key(&slot) {
            let mark = shard.entry(slot).or_insert(Mark { at, untold: 0, window: policy.window_micros() });
            mark.at = at.saturating_add(mark.untold);
        }
    }

    /// What was spent since the last time.
    pub(crate) fn untold(&self) -> Vec<Spent> {
        let mut spent = Vec::new();
        for shard in &self.0 {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let of_shard = shard.iter().filter(|(_, mark)| mark.untold > 0);
            spent.extend(of_shard.map(|(slot, mark)| Spent { slot: *slot, micros: mark.untold, window: mark.window }));
        }
        spent
    }

    /// Redis knows of `spent` and says that the mark of all processes together is `at`.
    pub(crate) fn told(&self, spent: &Spent, at: i64) {
        if let Some(mark) = self.shard(&spent.slot).get_mut(&spent.slot) {
            mark.untold = mark.untold.saturating_sub(spent.micros).max(0);
            mark.at = at.saturating_add(mark.untold);
        }
    }

    /// Forgets the marks that hold nobody back.
    pub(crate) fn sweep(&self, now: i64) {
        for shard in &self.0 {
            shard.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, mark| holds(mark, now));
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|shard| shard.lock().unwrap().len()).sum()
    }

    #[expect(clippy::indexing_slicing, reason = "the remainder is below the number of shards")]
    fn shard(&self, slot: &Slot) -> MutexGuard<'_, HashMap<Slot, Mark>> {
        // Ids are random at their end, addresses at their beginning.
        let folded = (slot.key.0 >> 64) ^ slot.key.0 ^ (slot.key.0 >> 96);
        let index = (folded & 0xffff) as usize % SHARDS;
        self.0[index].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a mark still says anything. One further ahead than its window counts as one window, so it does.
fn holds(mark: &Mark, now: i64) -> bool {
    mark.at > now
}

/// Makes room: what holds nobody back goes, and if that is nothing, half of the rest.
fn thin(shard: &mut HashMap<Slot, Mark>, now: i64) {
    shard.retain(|_, mark| holds(mark, now));
    if shard.len() >= PER_SHARD {
        let mut odd = false;
        shard.retain(|_, _| {
            odd = !odd;
            odd
        });
    }
}
