//! The only public door: it decides who may enter, where to, and how often, and knows no database.
//!
//! One single-thread runtime, listener and set of upstream connections per core, nothing shared or locked on the way
//! of a request ([`core`]); what must be fetched or counted elsewhere lives on the background runtime and reaches the
//! cores as snapshots ([`shared`]). Every request passes the phases below, top to bottom; each is a file of
//! [`phases`]. Start with [`serve`] and `routes.toml`.

mod client;
mod codes;
mod compress;
mod config;
mod core;
mod fetch;
mod fleet;
mod internal;
mod pages;
mod phases;
mod running;
mod serving;
mod shared;
mod table;
mod tunnel;
mod upstream;
mod wire;

use std::rc::Rc;
use std::sync::Arc;

use http::header::EXPECT;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use hyper::body::{Body, Incoming};
use problem::Problem;

use crate::client::Client;
use crate::core::{Core, View};
use crate::phases::{
    Cors, Facts, Going, account, admission, answer, choose, cors, dialect, fits, forward, gather, identity, normalise,
    preflight, refuse, route, secure,
};
use crate::table::Target;
use crate::wire::{Outgoing, Pulse};

pub use running::{Error, Running, healthcheck, run, start};

/// A request on its way: what it passes through, and what is known of it.
struct Way<'a> {
    core: &'a Core,
    view: &'a View,
    client: &'a Client,
    pulse: &'a Arc<Pulse>,
    facts: Facts,
}

/// One request, from head to answer.
async fn serve(
    core: Rc<Core>,
    client: Rc<Client>,
    pulse: Arc<Pulse>,
    request: Request<Incoming>,
) -> Response<Outgoing> {
    core.shared.working(core.index, 1);
    let view = core.view();
    let (head, body) = request.into_parts();
    let client = client.asking(&head.headers, &core.shared.networks);
    let facts = Facts::begin(&head, cors(&head.headers, &core.shared.origins));
    let mut way = Way { core: &core, view: &view, client: &client, pulse: &pulse, facts };
    let mut answer = match way.pass(head, body).await {
        Ok(answer) => answer,
        Err(problem) => refuse(&problem, &mut way.facts),
    };
    secure(answer.headers_mut(), &mut way.facts);
    account(&view, &client, way.facts, answer.status().as_u16(), core.shared.config.access_log);
    core.shared.working(core.index, -1);
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        pulse.tunnel();
        return answer;
    }
    pulse.answering();
    answer.map(|body| body.pulsing(&pulse))
}

impl Way<'_> {
    /// The phases, in order. Each may end the request.
    async fn pass(&mut self, mut head: Parts, body: Incoming) -> Result<Response<Outgoing>, Problem> {
        let zip = compress::is_accepted(&head.headers);
        match self.enter(&mut head, &body) {
            Ok(Entered::Answered(answer)) => Ok(answer),
            Ok(Entered::For { route: index, service }) => {
                let route = self.view.table.route(index).ok_or_else(|| Problem::new(&problem::codes::NOT_FOUND))?;
                let body = gather(body, route, self.pulse).await?;
                let lease = choose(&self.core.services, service, route)?;
                let going = Going { route, facts: &self.facts, client: self.client, pulse: self.pulse };
                if route.upgrade && tunnel::is_asked_for(&head.headers) {
                    return tunnel::tunnel(going, lease, head).await;
                }
                let from = forward(going, lease, head, body).await?;
                answer(from, &self.facts.method, zip)
            }
            Err(refusal) => {
                if !head.headers.contains_key(EXPECT) {
                    wire::linger(body).await;
                }
                Err(refusal)
            }
        }
    }

    /// All that needs no waiting: from the head to a route, and whether this caller may take it now.
    fn enter(&mut self, head: &mut Parts, body: &impl Body) -> Result<Entered, Problem> {
        let (shared, table) = (&self.core.shared, &self.view.table);
        normalise(head, &shared.hosts, self.client)?;
        let mut found = dialect(table, head.uri.path());
        if let Some(found) = found.as_ref().filter(|_| Cors::concerns(&head.method)) {
            return Ok(Entered::Answered(preflight(&self.facts.cors, found.place, &head.headers)));
        }
        let index = route(found.as_ref(), &head.method)?;
        let route = table.route(index).ok_or_else(|| Problem::new(&problem::codes::NOT_FOUND))?;
        self.facts.take(index, route, found.as_mut().and_then(|found| found.path.take()), head);
        let now = shared.clock.now();
        self.facts.identity = identity(&mut self.core.tokens.borrow_mut(), route.who, &head.headers, now)?;
        let known = self.facts.identity.as_deref();
        self.facts.quota = admission(&shared.quotas, route.limit, self.client, known, now)?;
        fits(route, body)?;
        match route.target {
            Target::Service(service) => Ok(Entered::For { route: index, service }),
            Target::Page(page) => pages::page(shared, page, head, self.facts.language()).map(Entered::Answered),
        }
    }
}

/// How far a request comes without waiting.
enum Entered {
    /// To its answer.
    Answered(Response<Outgoing>),
    /// To the door of a service.
    For { route: usize, service: usize },
}
