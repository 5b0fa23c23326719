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
mod digits;
mod exchange;
mod fetch;
mod fleet;
mod internal;
mod ledger;
mod pages;
mod phases;
mod running;
mod serving;
mod shared;
mod table;
mod tunnel;
mod upstream;
mod way;
mod wire;

#[cfg(test)]
mod tests;

use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, Uri};
use hyper::body::{Body, Incoming};
use problem::Problem;

use crate::client::Client;
use crate::core::Core;
use crate::exchange::Exchange;
use crate::phases::{
    Cors, Noted, admission, anew, answer, choose, dialect, fits, forward, gather, identity, normalise, preflight,
    route, warm,
};
use crate::table::Target;
use crate::upstream::Unsent;
use crate::way::Way;
use crate::wire::{Inbound, Outgoing, Pulse};

pub use running::{Error, Running, healthcheck, run, start};

/// How far a request comes without waiting.
enum Entered {
    /// To its answer.
    Answered(Box<Response<Outgoing>>),
    /// To the door of the service with this index.
    At(usize),
}

/// One request, from its head to its answer.
fn serve(
    core: &Rc<Core>,
    client: &Rc<Client>,
    pulse: &Arc<Pulse>,
    request: Request<Incoming>,
) -> Exchange<impl Future<Output = Result<Response<Incoming>, Unsent>>> {
    let (mut head, body) = request.into_parts();
    let client = client.asking(&head.headers, &core.shared.networks);
    let noted = Noted::of(&head.headers);
    let mut way = Way::begin(core, client, pulse, &noted, &head);
    let expects = noted.expects();
    match enter(&mut way, &noted, (&head.method, &mut head.uri), &body) {
        Ok(Entered::Answered(answered)) => Exchange::over(way.end(Ok(*answered))),
        Ok(Entered::At(service)) if body.is_end_stream() && !tunnel::is_asked_for(&way, &head.headers) => {
            call(way, service, head)
        }
        Ok(Entered::At(service)) => Exchange::later(carry(way, service, head, body)),
        Err(refusal) if body.is_end_stream() || expects => Exchange::over(way.end(Err(refusal))),
        Err(refusal) => Exchange::later(async move {
            wire::linger(body).await;
            way.end(Err(refusal))
        }),
    }
}

/// From the head to a route, and whether this caller may take it now. The phases that need no waiting, in order.
fn enter(
    way: &mut Way,
    noted: &Noted<'_>,
    (method, uri): (&Method, &mut Uri),
    body: &Incoming,
) -> Result<Entered, Problem> {
    let (core, view) = (Rc::clone(&way.core), Rc::clone(&way.view));
    let shared = &core.shared;
    normalise(noted, uri, &shared.hosts, &way.client)?;
    let mut found = dialect(&view.table, uri.path());
    if let Some(found) = found.as_ref().filter(|_| Cors::concerns(method)) {
        return Ok(Entered::Answered(Box::new(preflight(&way.facts.cors, found.place, noted))));
    }
    let index = route(found.as_ref(), method)?;
    let route = view.table.route(index).ok_or_else(|| Problem::new(&problem::codes::NOT_FOUND))?;
    way.facts.take(index, route, found.as_mut().and_then(|found| found.path.take()), uri);
    let now = shared.clock.now();
    way.facts.caller = identity(&mut core.tokens.borrow_mut(), route.who, noted, now)?;
    let identity = way.facts.caller.as_ref().map(|caller| &*caller.identity);
    way.facts.quota = admission(&shared.quotas, route.limit, &way.client, identity, now)?;
    fits(route, body)?;
    match route.target {
        Target::Service(service) => Ok(Entered::At(service)),
        Target::Page(page) => {
            let answered = pages::page(shared, page, uri.path(), (way.facts.language(), way.facts.zip))?;
            Ok(Entered::Answered(Box::new(answered)))
        }
    }
}

/// To the service with a request that has no body: over a connection that is there, if there is one.
fn call(way: Way, service: usize, head: Parts) -> Exchange<impl Future<Output = Result<Response<Incoming>, Unsent>>> {
    let Some(route) = way.route() else {
        return Exchange::over(way.end(Err(Problem::new(&problem::codes::NOT_FOUND))));
    };
    way.pulse.working(route.deadline);
    let mut lease = match choose(&way.core.services, service, route) {
        Ok(lease) => lease,
        Err(refusal) => return Exchange::over(way.end(Err(refusal))),
    };
    match warm(&lease) {
        Some(link) => {
            let waiting = lease.start(link, Request::from_parts(anew(head, &way), Inbound::whole(Bytes::new())));
            Exchange::sent(way, lease, waiting)
        }
        None => Exchange::later(async move {
            let passed = forward(&way, lease, head, Inbound::whole(Bytes::new())).await;
            let passed = passed.and_then(|from| answer(from, &way.facts.method, way.facts.zip));
            way.end(passed)
        }),
    }
}

/// To the service with a body, or for a WebSocket.
async fn carry(way: Way, service: usize, head: Parts, body: Incoming) -> Response<Outgoing> {
    let passed = async {
        let route = way.route().ok_or_else(|| Problem::new(&problem::codes::NOT_FOUND))?;
        let body = gather(body, route, &way.pulse).await?;
        let lease = choose(&way.core.services, service, route)?;
        if tunnel::is_asked_for(&way, &head.headers) {
            return tunnel::tunnel(&way, lease, head).await;
        }
        answer(forward(&way, lease, head, body).await?, &way.facts.method, way.facts.zip)
    };
    let passed = passed.await;
    way.end(passed)
}
