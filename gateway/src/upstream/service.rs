//! A service: its instances, how many requests it works on, and its breaker.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use metrics::Gauge;

use super::breaker::{Admitted, Breaker, Outcome};
use super::instance::Instance;
use super::{Address, Condition, Lease};
use crate::wire::Ticks;

/// What each request adds to the budget of second tries, and the most that is saved up.
const EARNED: f32 = 0.1;
const SAVED: f32 = 10.0;

/// All services, as one core sees them.
pub(crate) struct Services(Vec<Rc<Service>>);

/// One service, as one core sees it.
pub(crate) struct Service {
    pub(super) instances: Vec<Rc<Instance>>,
    pub(super) in_flight: Cell<usize>,
    cap: usize,
    breaker: RefCell<Breaker>,
    retries: Cell<f32>,
    turn: Cell<usize>,
    ticks: Rc<Ticks>,
    open: Gauge,
}

/// Why a service is not called.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It works on as many requests as it may.
    Full,
    /// It has been failing and is left alone.
    Resting,
}

impl Services {
    /// The services with these names and instances, each of which may work on `cap` requests at once.
    pub(crate) fn new<'a>(
        all: impl Iterator<Item = (&'a str, &'a [(Address, Condition)])>,
        cap: usize,
        ticks: &Rc<Ticks>,
    ) -> Self {
        Self(all.map(|(name, instances)| Rc::new(Service::new(name, instances, cap, ticks))).collect())
    }

    /// A place at the service with this index. `reserved` ones are never turned away because others are many.
    pub(crate) fn admit(&self, index: usize, reserved: bool) -> Result<Lease, Refused> {
        self.0.get(index).ok_or(Refused::Resting)?.admit(reserved)
    }

    /// Closes connections that have been idle for long.
    pub(crate) fn prune(&self) {
        for service in &self.0 {
            service.instances.iter().for_each(|instance| instance.prune(service.now()));
        }
    }
}

impl Service {
    fn new(name: &str, instances: &[(Address, Condition)], cap: usize, ticks: &Rc<Ticks>) -> Self {
        Self {
            instances: instances
                .iter()
                .map(|(address, condition)| Rc::new(Instance::new(address.clone(), condition.clone())))
                .collect(),
            in_flight: Cell::new(0),
            cap,
            breaker: RefCell::new(Breaker::new()),
            retries: Cell::new(SAVED),
            turn: Cell::new(0),
            ticks: Rc::clone(ticks),
            open: metrics::gauge!("upstream_breaker_open", "service" => name.to_owned()),
        }
    }

    fn admit(self: &Rc<Self>, reserved: bool) -> Result<Lease, Refused> {
        if self.in_flight.get() >= self.cap && !reserved {
            return Err(Refused::Full);
        }
        let admitted = self.breaker.borrow_mut().admit(self.now()).ok_or(Refused::Resting)?;
        self.retries.set((self.retries.get() + EARNED).min(SAVED));
        let instance = self.best(None).ok_or(Refused::Resting)?;
        Ok(Lease::new(Rc::clone(self), instance, admitted))
    }

    /// The instance with the least to do, of those that are well; of all, if none is. Never `but`.
    pub(super) fn best(&self, but: Option<&Rc<Instance>>) -> Option<Rc<Instance>> {
        if let ([only], None) = (self.instances.as_slice(), but) {
            return Some(Rc::clone(only));
        }
        let now = self.now();
        let turn = self.turn.replace(self.turn.get().wrapping_add(1));
        let others = || self.instances.iter().filter(|one| !but.is_some_and(|but| Rc::ptr_eq(but, one)));
        let count = others().count();
        let in_turn = || others().cycle().skip(turn.checked_rem(count).unwrap_or(0)).take(count);
        let least = |instance: &&Rc<Instance>| instance.in_flight.get();
        in_turn().filter(|one| one.is_well(now)).min_by_key(least).or_else(|| in_turn().min_by_key(least)).cloned()
    }

    pub(super) fn record(&self, admitted: Admitted, outcome: Outcome) {
        match self.breaker.borrow_mut().record(self.now(), admitted, outcome) {
            Some(true) => self.open.increment(1.0),
            Some(false) => self.open.decrement(1.0),
            None => {}
        }
    }

    pub(super) fn spend_retry(&self) -> bool {
        let enough = self.retries.get() >= 1.0;
        if enough {
            self.retries.set(self.retries.get() - 1.0);
        }
        enough
    }

    pub(super) fn now(&self) -> u32 {
        self.ticks.now()
    }
}
