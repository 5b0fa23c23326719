//! Idle connections of one kind to one instance, the one used last on top.

use std::cell::RefCell;

/// Idle connections kept per instance and core.
const MOST_IDLE: usize = 512;
/// A connection idle for longer (in ticks) is closed before the other side may: services keep theirs for 5 s.
const LONGEST_IDLE: u32 = 40;

/// Idle connections, each with the tick since when it is idle.
pub(crate) struct Shelf<C>(RefCell<Vec<(C, u32)>>);

impl<C> Shelf<C> {
    pub(super) fn new() -> Self {
        Self(RefCell::new(Vec::new()))
    }

    /// The one used last, with how many ticks it has been idle.
    pub(super) fn take(&self, now: u32) -> Option<(C, u32)> {
        let (connection, since) = self.0.borrow_mut().pop()?;
        Some((connection, now.wrapping_sub(since)))
    }

    /// Keeps one for the next request.
    pub(super) fn keep(&self, connection: C, now: u32) {
        let mut idle = self.0.borrow_mut();
        if idle.len() < MOST_IDLE {
            idle.push((connection, now));
        }
    }

    /// Closes what has been idle for long.
    pub(super) fn prune(&self, now: u32) {
        self.0.borrow_mut().retain(|(_, since)| now.wrapping_sub(*since) < LONGEST_IDLE);
    }

    /// Closes all: one of them turned out to be dead.
    pub(super) fn clear(&self) {
        self.0.borrow_mut().clear();
    }
}
