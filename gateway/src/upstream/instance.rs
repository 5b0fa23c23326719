//! One instance of a service: its idle connections, and whether it has been failing.

use std::cell::{Cell, RefCell};

use http::HeaderValue;
use url::Url;

use super::{Condition, Link};

/// Idle connections kept per instance and core.
const MOST_IDLE: usize = 512;
/// A connection idle for longer (in ticks) is closed before the other side may: services keep theirs for 5 s.
const LONGEST_IDLE: u32 = 40;
/// After this many failures in a row it is left out (in ticks) while there are others.
const FAILURES: u32 = 5;
const EJECTED: u32 = 300;

/// One instance, as one core sees it.
pub(crate) struct Instance {
    /// `host:port`, to connect to.
    pub(crate) address: String,
    /// The same as its `Host` header.
    pub(crate) host: HeaderValue,
    pub(crate) condition: Condition,
    pub(crate) in_flight: Cell<usize>,
    idle: RefCell<Vec<Idle>>,
    failures: Cell<u32>,
    ejected_at: Cell<Option<u32>>,
}

struct Idle {
    link: Box<Link>,
    since: u32,
}

impl Instance {
    pub(crate) fn new(url: &Url, condition: Condition) -> Self {
        let address = format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(80));
        Self {
            host: HeaderValue::from_str(&address).unwrap_or(HeaderValue::from_static("localhost")),
            address,
            condition,
            in_flight: Cell::new(0),
            idle: RefCell::default(),
            failures: Cell::new(0),
            ejected_at: Cell::new(None),
        }
    }

    /// Whether it should be called, at tick `now`, if there is a choice.
    pub(crate) fn is_well(&self, now: u32) -> bool {
        let ejected = self.ejected_at.get().is_some_and(|at| now.wrapping_sub(at) < EJECTED);
        self.condition.is_ready() && !ejected
    }

    /// The idle connection used last, with how many ticks it has been idle.
    pub(crate) fn take_idle(&self, now: u32) -> Option<(Box<Link>, u32)> {
        let idle = self.idle.borrow_mut().pop()?;
        Some((idle.link, now.wrapping_sub(idle.since)))
    }

    /// Keeps a connection for the next request.
    pub(crate) fn keep(&self, link: Box<Link>, now: u32) {
        let mut idle = self.idle.borrow_mut();
        if idle.len() < MOST_IDLE {
            idle.push(Idle { link, since: now });
        }
    }

    /// Closes what has been idle for long.
    pub(crate) fn prune(&self, now: u32) {
        self.idle.borrow_mut().retain(|idle| now.wrapping_sub(idle.since) < LONGEST_IDLE);
    }

    /// Closes all idle connections: one of them turned out to be dead.
    pub(crate) fn forget_idle(&self) {
        self.idle.borrow_mut().clear();
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
