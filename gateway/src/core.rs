//! One core: its own runtime, listener, connections to services and memory. Nothing here is shared or locked.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use http::HeaderValue;
use telemetry::http::Endpoint;

use crate::ledger::Ledger;
use crate::phases::Tokens;
use crate::shared::Shared;
use crate::table::{Route, Table};
use crate::upstream::Services;
use crate::wire::Ticks;

/// How much is read at once.
const READ: usize = 64 * 1024;

/// What a core has of its own.
pub(crate) struct Core {
    pub(crate) index: usize,
    pub(crate) shared: Arc<Shared>,
    pub(crate) ticks: Rc<Ticks>,
    pub(crate) services: Services,
    pub(crate) tokens: RefCell<Tokens>,
    pub(crate) ledger: Ledger,
    /// Where the plain lane reads and writes, one request after the other: never held over a wait.
    pub(crate) input: RefCell<Box<[u8]>>,
    pub(crate) out: RefCell<Vec<u8>>,
    view: RefCell<Rc<View>>,
}

/// The route table in force, with what a core keeps of its own for each route.
pub(crate) struct View {
    pub(crate) table: Arc<Table>,
    version: u64,
    doors: Vec<Door>,
    elsewhere: Door,
}

/// A route as one core keeps it.
pub(crate) struct Door {
    /// Its series.
    pub(crate) series: Endpoint,
    /// Its deadline in milliseconds, as the service is told.
    pub(crate) deadline_ms: HeaderValue,
    quiet: bool,
}

impl Core {
    pub(crate) fn new(index: usize, shared: Arc<Shared>) -> Self {
        let ticks = Ticks::new();
        let cap = (shared.config.in_flight / shared.config.workers).max(1);
        let services = Services::new(shared.fleet.services(), cap, &ticks);
        Self {
            index,
            tokens: RefCell::new(Tokens::new(shared.verifier.clone())),
            ledger: Ledger::new(),
            input: RefCell::new(vec![0; READ].into_boxed_slice()),
            out: RefCell::new(Vec::with_capacity(READ)),
            view: RefCell::new(Rc::new(View::of(&shared))),
            ticks,
            services,
            shared,
        }
    }

    /// The route table in force.
    pub(crate) fn view(&self) -> Rc<View> {
        let mut view = self.view.borrow_mut();
        if view.version != self.shared.routes.version() {
            *view = Rc::new(View::of(&self.shared));
        }
        Rc::clone(&view)
    }
}

impl View {
    fn of(shared: &Shared) -> Self {
        let version = shared.routes.version();
        let table = shared.routes.table();
        let doors = table.routes().iter().map(Door::of).collect();
        let elsewhere =
            Door { series: Endpoint::new("elsewhere"), deadline_ms: HeaderValue::from_static("0"), quiet: false };
        Self { version, doors, elsewhere, table }
    }

    /// What is kept of a route, or of what matches none.
    pub(crate) fn endpoint(&self, route: Option<usize>) -> &Door {
        route.and_then(|index| self.doors.get(index)).unwrap_or(&self.elsewhere)
    }
}

impl Door {
    fn of(route: &Route) -> Self {
        Self {
            series: Endpoint::new(route.pattern.as_str()),
            deadline_ms: HeaderValue::from(u64::try_from(route.deadline.as_millis()).unwrap_or(u64::MAX)),
            quiet: route.pattern.starts_with("/health"),
        }
    }

    /// The route's template.
    pub(crate) fn name(&self) -> &str {
        self.series.name()
    }

    /// Whether calling it is everyday noise.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }
}
