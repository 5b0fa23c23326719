//! One core: its own runtime, listener, connections to services and memory. Nothing here is shared or locked.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use telemetry::http::Endpoint;

use crate::phases::Tokens;
use crate::shared::Shared;
use crate::table::Table;
use crate::upstream::Services;
use crate::wire::Ticks;

/// What a core has of its own.
pub(crate) struct Core {
    pub(crate) index: usize,
    pub(crate) shared: Arc<Shared>,
    pub(crate) ticks: Rc<Ticks>,
    pub(crate) services: Services,
    pub(crate) tokens: RefCell<Tokens>,
    view: RefCell<Rc<View>>,
}

/// The route table in force, with the series of each route.
pub(crate) struct View {
    pub(crate) table: Arc<Table>,
    version: u64,
    endpoints: Vec<Endpoint>,
    elsewhere: Endpoint,
}

impl Core {
    pub(crate) fn new(index: usize, shared: Arc<Shared>) -> Self {
        let ticks = Ticks::new();
        let cap = (shared.config.in_flight / shared.config.workers).max(1);
        let services = Services::new(shared.fleet.services(), cap, &ticks);
        Self {
            index,
            tokens: RefCell::new(Tokens::new(shared.verifier.clone())),
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
        let endpoints = table.routes().iter().map(|route| Endpoint::new(route.pattern.as_str())).collect();
        Self { version, endpoints, elsewhere: Endpoint::new("elsewhere"), table }
    }

    /// The series of a route, or of what matches none.
    pub(crate) fn endpoint(&self, route: Option<usize>) -> &Endpoint {
        route.and_then(|index| self.endpoints.get(index)).unwrap_or(&self.elsewhere)
    }
}
