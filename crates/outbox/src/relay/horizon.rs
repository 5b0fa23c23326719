//! Where the relay begins to look.
//!
//! An event that was published leaves a dead entry in the index of those that wait, and for as long as anybody holds an
//! old snapshot (an ANALYZE, a backup) each look would walk over all of them again: with enough events a look takes
//! longer than a statement may, and nothing is published any more. So the relay remembers a position below which
//! everything is published. Positions do not become visible in order, but a writer has its transaction id before its
//! position (`outbox_sequences` is written first): once all transactions that were under way when a position was read
//! have ended, no lower one is still to come.

/// The lowest position that may still wait.
#[derive(Debug, Default)]
pub(super) struct Horizon {
    low: i64,
    /// The highest position that was read.
    seen: i64,
    /// A position that was read, and the first transaction id that was not yet given then.
    awaited: Option<(i64, i64)>,
}

/// What one snapshot of the database says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Snapshot {
    /// All transactions with lower ids have ended.
    pub ended_below: i64,
    /// No transaction has this id or a higher one yet.
    pub next: i64,
    /// The lowest position that waits, from the horizon on.
    pub first_waiting: Option<i64>,
}

impl Horizon {
    /// Where to begin.
    pub(super) fn low(&self) -> i64 {
        self.low
    }

    /// An event was read.
    pub(super) fn saw(&mut self, position: i64) {
        self.seen = self.seen.max(position);
    }

    /// Moves on as far as is safe.
    pub(super) fn advance(&mut self, snapshot: Snapshot) {
        match self.awaited {
            Some((_, next)) if snapshot.ended_below < next => return,
            Some((position, _)) => {
                let above = position.saturating_add(1);
                self.low = self.low.max(snapshot.first_waiting.map_or(above, |first| first.min(above)));
            }
            None => {}
        }
        self.awaited = Some((self.seen, snapshot.next));
    }
}
