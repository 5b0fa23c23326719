//! One instance of a service: its idle connections, and whether it has been failing.

use std::cell::Cell;

use http::HeaderValue;

use super::shelf::Shelf;
use super::{Address, Condition, Link, Stream};

/// After this many failures in a row it is left out (in ticks) while there are others.
const FAILURES: u32 = 5;
const EJECTED: u32 = 300;

/// One instance, as one core sees it.
pub(crate) struct Instance {
    pub(crate) address: Address,
    /// Its `Host` header.
    pub(crate) host: HeaderValue,
    pub(crate) condition: Condition,
    pub(crate) in_flight: Cell<usize>,
    /// Connections that hyper speaks over.
    pub(super) links: Shelf<Box<Link>>,
    /// Connections of the plain lane.
    pub(super) wires: Shelf<Stream>,
    failures: Cell<u32>,
    ejected_at: Cell<Option<u32>>,
}

impl Instance {
    pub(crate) fn new(address: Address, condition: Condition) -> Self {
        Self {
            host: HeaderValue::from_str(&address.authority).unwrap_or(HeaderValue::from_static("localhost")),
            address,
            condition,
            in_flight: Cell::new(0),
            links: Shelf::new(),
            wires: Shelf::new(),
            failures: Cell::new(0),
            ejected_at: Cell::new(None),
        }
    }

    /// Whether it should be called, at tick `now`, if there is a choice.
    pub(crate) fn is_well(&self, now: u32) -> bool {
        let ejected = self.ejected_at.get().is_some_and(|at| now.wrapping_sub(at) < EJECTED);
        self.condition.is_ready() && !ejected
    }

    /// Closes connections that have been idle for long.
    pub(crate) fn prune(&self, now: u32) {
        self.links.prune(now);
        self.wires.prune(now);
    }

    /// Closes all idle connections: one of them turned out to be dead.
    pub(crate) fn forget_idle(&self) {
        self.links.clear();
        self.wires.clear();
    }

    /// It answered, or did not.
    pub(crate) fn note(&self, well: bool, now: u32) {
        if well {
            self.failures.set(0);
            self.ejected_at.set(None);
            return;
        }
        self.failures.set(self.failures.get() + 1);
        if self.failures.get() >= FAILURES {
            self.ejected_at.set(Some(now));
        }
    }
}
