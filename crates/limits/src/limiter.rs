//! Counting.

use std::sync::Arc;
use std::time::Duration;

use cache::Redis;
use clock::Clock;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::shared::Shared;
use crate::table::Table;
use crate::{Background, Decision, Key, Policy};

/// How far the processes may lag behind each other.
const RECONCILED: Duration = Duration::from_millis(100);
/// Marks added up in one call of the script.
const BATCH: usize = 500;
/// Rounds between two sweeps of what holds nobody back.
const SWEEP: u32 = 100;

/// Counts who calls how often. Clones share what they count.
#[derive(Clone)]
pub struct Limiter(Arc<Inner>);

struct Inner {
    table: Table,
    shared: Option<Shared>,
    clock: Clock,
}

impl Limiter {
    /// A limiter; without Redis each process counts alone.
    pub fn new(redis: Option<Redis>, clock: Clock) -> Self {
        Self(Arc::new(Inner { table: Table::new(), shared: redis.map(Shared::new), clock }))
    }

    /// Whether `key` may spend `cost` now, by what this process knows. Never waits.
    pub fn check(&self, policy: &Policy, key: impl Into<Key>, cost: u32) -> Decision {
        self.check_at(policy, key.into(), cost, self.0.clock.now())
    }

    /// The same, for a caller that has the time already.
    pub fn check_at(&self, policy: &Policy, key: Key, cost: u32, now: jiff::Timestamp) -> Decision {
        self.0.table.check(policy, key, cost, now.as_microsecond())
    }

    /// Whether `key` may spend `cost` now, exactly, over all processes; by what this one knows where Redis is away.
    pub async fn check_shared(&self, policy: &Policy, key: impl Into<Key>, cost: u32) -> Decision {
        let (key, now) = (key.into(), self.0.clock.now().as_microsecond());
        let Some(shared) = &self.0.shared else { return self.0.table.check(policy, key, cost, now) };
        let known = self.0.table.mark(policy, key, now);
        match shared.check(policy, key, cost, (now, known)).await {
            Ok((decision, mark)) => {
                self.0.table.settle(policy, key, mark);
                decision
            }
            Err(_away) => self.0.table.check(policy, key, cost, now),
        }
    }

    /// Adds up, every 100 ms, what the processes let pass; to be run beside the requests.
    pub fn reconcile(&self, mut stop: watch::Receiver<bool>) -> Background {
        let limiter = self.clone();
        Box::pin(async move {
            let mut rounds = tokio::time::interval(RECONCILED);
            rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut round = 0_u32;
            while !*stop.borrow() {
                tokio::select! {
                    _ = rounds.tick() => {}
                    told = stop.changed() => if told.is_err() { break },
                }
                limiter.reconcile_once().await;
                round = round.wrapping_add(1);
                if round.is_multiple_of(SWEEP) {
                    limiter.0.table.sweep(limiter.0.clock.now().as_microsecond());
                }
            }
        })
    }

    /// Tells the other processes once what this one let pass, and learns what they did.
    pub(crate) async fn reconcile_once(&self) {
        let Some(shared) = &self.0.shared else { return };
        let spent = self.0.table.untold();
        for batch in spent.chunks(BATCH) {
            let now = self.0.clock.now().as_microsecond();
            let Ok(marks) = shared.add(batch, now).await else { return };
            for (one, mark) in batch.iter().zip(marks) {
                self.0.table.told(one, mark);
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn table(&self) -> &Table {
        &self.0.table
    }
}
