//! What a core notes of its requests: kept here for a moment and handed on together, so that cores do not wait for
//! each other's numbers and lines.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use crate::core::View;
use crate::digits::{decimal, places};
use crate::shared::Shared;
use crate::way::Way;

/// Lines are handed on when they are this long together, numbers when they are this many; both at every tick.
const LINES: usize = 16 * 1024;
const SAMPLES: usize = 1_024;

/// One core's notes.
pub(crate) struct Ledger {
    lines: RefCell<Vec<u8>>,
    samples: RefCell<Samples>,
    second: RefCell<(i64, String)>,
    working: Cell<i64>,
}

/// Answers that are not counted yet, all by one route table.
#[derive(Default)]
struct Samples {
    view: Option<Rc<View>>,
    answered: Vec<(Option<usize>, u16, Duration)>,
}

/// How many requests a core works on, as the others may read it. Alone on its cache line.
#[derive(Default)]
#[repr(align(128))]
pub(crate) struct Working(AtomicI64);

impl Ledger {
    pub(crate) fn new() -> Self {
        Self {
            lines: RefCell::new(Vec::with_capacity(2 * LINES)),
            samples: RefCell::default(),
            second: RefCell::new((i64::MIN, String::new())),
            working: Cell::new(0),
        }
    }

    /// A request came.
    pub(crate) fn begun(&self) {
        self.working.set(self.working.get() + 1);
    }

    /// A request is over.
    pub(crate) fn ended(&self) {
        self.working.set(self.working.get() - 1);
    }

    /// Counts an answer by its route.
    pub(crate) fn count(&self, view: &Rc<View>, route: Option<usize>, status: u16, took: Duration) {
        let mut samples = self.samples.borrow_mut();
        if !samples.view.as_ref().is_some_and(|known| Rc::ptr_eq(known, view)) {
            samples.flush();
            samples.view = Some(Rc::clone(view));
        }
        samples.answered.push((route, status, took));
        if samples.answered.len() >= SAMPLES {
            samples.flush();
        }
    }

    /// Writes the line of a request that did not fail.
    pub(crate) fn write(&self, way: &Way, status: u16, took: Duration) {
        if !telemetry::Level::Info.is_on() {
            return;
        }
        let mut lines = self.lines.borrow_mut();
        self.fill(&mut lines, way, status, took);
        if lines.len() >= LINES {
            hand_on(&mut lines);
        }
    }

    /// Hands everything on.
    pub(crate) fn flush(&self, shared: &Shared, core: usize) {
        self.samples.borrow_mut().flush();
        hand_on(&mut self.lines.borrow_mut());
        if let Some(working) = shared.working.get(core) {
            working.0.store(self.working.get(), Ordering::Relaxed);
        }
    }

    fn fill(&self, line: &mut Vec<u8>, way: &Way, status: u16, took: Duration) {
        let endpoint = way.view.endpoint(way.facts.route);
        line.extend_from_slice(b"{\"timestamp\":\"");
        self.timestamp(line, way.core.shared.machine_time(way.facts.begun, took));
        line.extend_from_slice(b"\",\"level\":\"INFO\"");
        line.extend_from_slice(telemetry::origin().as_bytes());
        line.extend_from_slice(b",\"msg\":\"request answered\",\"method\":\"");
        line.extend_from_slice(way.facts.method.as_str().as_bytes());
        line.extend_from_slice(b"\",\"route\":\"");
        line.extend_from_slice(endpoint.name().as_bytes());
        line.extend_from_slice(b"\",\"status\":");
        decimal(u64::from(status), line);
        line.extend_from_slice(b",\"latency_ms\":");
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        decimal(micros / 1_000, line);
        line.push(b'.');
        places(micros % 1_000, 3, line);
        line.extend_from_slice(b",\"request_id\":\"");
        line.extend_from_slice(way.facts.context.request_id.as_bytes());
        line.extend_from_slice(b"\",\"trace_id\":\"");
        line.extend_from_slice(way.facts.trace_id());
        if let Some(caller) = &way.facts.caller {
            line.extend_from_slice(b"\",\"user_id\":\"");
            line.extend_from_slice(caller.user.as_bytes());
        }
        line.extend_from_slice(b"\",\"ip_hmac\":\"");
        line.extend_from_slice(way.client.mark().as_bytes());
        line.extend_from_slice(b"\"}\n");
    }

    /// Appends `now` as a `Date` header has it.
    pub(crate) fn date(&self, now: Timestamp, to: &mut Vec<u8>) {
        to.extend_from_slice(now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string().as_bytes());
    }

    fn timestamp(&self, line: &mut Vec<u8>, now: Timestamp) {
        let mut last = self.second.borrow_mut();
        if last.0 != now.as_second() {
            *last = (now.as_second(), now.strftime("%Y-%m-%dT%H:%M:%S.").to_string());
        }
        line.extend_from_slice(last.1.as_bytes());
        places(u64::try_from(now.subsec_microsecond()).unwrap_or(0), 6, line);
        line.push(b'Z');
    }
}

impl Samples {
    fn flush(&mut self) {
        let Some(view) = &self.view else { return };
        for (route, status, took) in self.answered.drain(..) {
            view.endpoint(route).series.answered(status, took);
        }
    }
}

impl Working {
    /// How many.
    pub(crate) fn count(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

fn hand_on(lines: &mut Vec<u8>) {
    if !lines.is_empty() {
        telemetry::http::hand_on(lines);
        lines.clear();
    }
}
