//! The only public door: it decides who may enter, where to, and how often, and knows no database.
//!
//! One single-thread runtime, listener and set of upstream connections per core, nothing shared or locked on the way
//! of a request ([`core`]); what must be fetched or counted elsewhere lives on the background runtime and reaches the
//! cores as snapshots ([`shared`]). Every request passes the phases below, top to bottom; each is a file of
//! [`phases`]. Start with [`enter`], [`serve`] and `routes.toml`.

mod client;
mod codes;
mod compress;
mod config;
mod core;
mod digits;
mod fetch;
mod fleet;
mod internal;
mod ledger;
mod pages;
mod phases;
mod plain;
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

use http::request::Parts;
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use problem::Problem;

use crate::client::Client;
use crate::core::Core;
use crate::phases::{
    Cors, Noted, Target, admission, answer, choose, dialect, fits, forward, gather, identity, normalise, path_only,
    preflight, route,
};
use crate::way::Way;
use crate::wire::{Outgoing, Pulse};

pub use running::{Error, Running, healthcheck, run, start};

/// How far a request comes without waiting.
enum Entered {
    /// To its answer.
    Answered(Box<Response<Outgoing>>),
    /// To the door of the service with this index.
    At(usize),
}

/// From the head to a route, and whether this caller may take it now: the phases that need no waiting, in order.
fn enter(way: &mut Way, noted: &Noted<'_>, target: &Target<'_>, body_size: u64) -> Result<Entered, Problem> {
    let (core, view) = (Rc::clone(&way.core), Rc::clone(&way.view));
    let shared = &core.shared;
    normalise(noted, target, &shared.hosts, &way.client)?;
    let mut found = dialect(&view.table, target.path);
    if let Some(found) = found.as_ref().filter(|_| Cors::concerns(&way.facts.method)) {
        return Ok(Entered::Answered(Box::new(preflight(&way.facts.cors, found.place, noted))));
    }
    let index = route(found.as_ref(), &way.facts.method)?;
    let route = view.table.route(index).ok_or_else(|| Problem::new(&problem::codes::NOT_FOUND))?;
    way.facts.take(index, route, found.as_mut().and_then(|found| found.path.take()));
    let now = way.facts.begun;
    way.facts.caller = identity(&mut core.tokens.borrow_mut(), route.who, noted, now)?;
    let identity = way.facts.caller.as_ref().map(|caller| &*caller.identity);
    way.facts.quota = admission(&shared.quotas, route.limit, &way.client, identity, now)?;
    fits(route, body_size)?;
    match route.target {
        table::Target::Service(service) => Ok(Entered::At(service)),
        table::Target::Page(page) => {
            let answered = pages::page(shared, page, target.path, (way.facts.language, way.facts.zip))?;
            Ok(Entered::Answered(Box::new(answered)))
        }
    }
}

/// One request that hyper read, from its head to its answer.
async fn serve(
    core: Rc<Core>,
    client: Rc<Client>,
    pulse: Arc<Pulse>,
    request: Request<Incoming>,
) -> Response<Outgoing> {
    let (mut head, body) = request.into_parts();
    let client = client.asking(&head.headers, &core.shared.networks);
    let noted = Noted::of_map(&head.headers);
    let mut way = Way::begin((&core, client), &pulse, &noted, (&head.method, head.uri.path()));
    let entered = path_only(&mut head.uri, &noted).and_then(|()| {
        let target = head.uri.path_and_query().map_or("", |target| target.as_str());
        enter(&mut way, &noted, &Target::of(target), body.size_hint().lower())
    });
    let expects = noted.expects;
    match entered {
        Ok(Entered::Answered(answered)) => way.end(Ok(*answered)),
        Ok(Entered::At(service)) => Box::pin(carry(way, service, head, body)).await,
        Err(refusal) => {
            if !expects {
                wire::linger(body).await;
            }
            way.end(Err(refusal))
        }
    }
}

/// To the service and back: the phases that wait.
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
