//! One request's place at a service.

use std::rc::Rc;
use std::task::Context;

use super::Stream;
use super::breaker::{Admitted, Outcome};
use super::instance::Instance;
use super::link::Link;
use super::service::Service;

/// A place at an instance of a service. It counts as in flight while it lives.
pub(crate) struct Lease {
    service: Rc<Service>,
    instance: Rc<Instance>,
    link: Option<Box<Link>>,
    admitted: Option<Admitted>,
}

impl Lease {
    pub(super) fn new(service: Rc<Service>, instance: Rc<Instance>, admitted: Admitted) -> Self {
        service.in_flight.set(service.in_flight.get() + 1);
        instance.in_flight.set(instance.in_flight.get() + 1);
        Self { service, instance, link: None, admitted: Some(admitted) }
    }

    /// The instance that is called.
    pub(crate) fn instance(&self) -> &Instance {
        &self.instance
    }

    /// A connection: one that was idle, with for how many ticks, or none.
    pub(crate) fn take_idle(&self) -> Option<(Box<Link>, u32)> {
        self.instance.links.take(self.service.now())
    }

    /// A connection of the plain lane that was idle, with for how many ticks.
    pub(crate) fn take_wire(&self) -> Option<(Stream, u32)> {
        self.instance.wires.take(self.service.now())
    }

    /// Keeps a connection of the plain lane for another request.
    pub(crate) fn keep_wire(&self, wire: Stream) {
        self.instance.wires.keep(wire, self.service.now());
    }

    /// Uses `link` from here on.
    pub(crate) fn hold(&mut self, link: Box<Link>) {
        self.link = Some(link);
    }

    /// Whether it moves a connection of its own.
    pub(crate) fn has_link(&self) -> bool {
        self.link.is_some()
    }

    /// Moves the bytes of its connection.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) {
        if let Some(link) = &mut self.link {
            link.drive(cx);
        }
    }

    /// Says how the call went, once.
    pub(crate) fn record(&mut self, outcome: Outcome) {
        let now = self.service.now();
        if outcome != Outcome::Unknown {
            self.instance.note(outcome == Outcome::Well, now);
        }
        if let Some(admitted) = self.admitted.take() {
            self.service.record(admitted, outcome);
        }
    }

    /// Whether the request may be tried once more; counts it.
    pub(crate) fn may_retry(&self) -> bool {
        self.service.spend_retry()
    }

    /// Whether there is another instance to try.
    pub(crate) fn has_others(&self) -> bool {
        self.service.instances.len() > 1
    }

    /// Goes to another instance, if there is one.
    pub(crate) fn move_on(&mut self) -> bool {
        self.link = None;
        self.instance.note(false, self.service.now());
        let Some(other) = self.service.best(Some(&self.instance)) else { return false };
        self.instance.in_flight.set(self.instance.in_flight.get().saturating_sub(1));
        other.in_flight.set(other.in_flight.get() + 1);
        self.instance = other;
        true
    }

    /// The answer is whole: the connection may serve another request.
    pub(crate) fn give_back(mut self) {
        if let Some(mut link) = self.link.take()
            && link.is_reusable()
        {
            self.instance.links.keep(link, self.service.now());
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.record(Outcome::Unknown);
        self.service.in_flight.set(self.service.in_flight.get().saturating_sub(1));
        self.instance.in_flight.set(self.instance.in_flight.get().saturating_sub(1));
    }
}
