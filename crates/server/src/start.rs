//! From a built service to two listening ports, and back to nothing without dropping a request.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, web};
use clock::Clock;
use telemetry::Metrics;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::document::{PREFIX, ServiceConfig};
use crate::edge::{Edge, Lanes};
use crate::health::Health;
use crate::internal::{self, Internal};
use crate::listen::{Serving, listen};
use crate::middleware::Wrap;
use crate::routes::{Routes, nothing_here, nothing_inside};
use crate::tasks::Tasks;
use crate::{Background, Definition, Error, Service};

/// How a service is served.
#[derive(Debug)]
pub struct Options {
    /// Where the API listens; port 0 for any.
    pub public: SocketAddr,
    /// Where `/metrics` and `/internal` listen.
    pub internal: SocketAddr,
    /// The folder in which the API has a Unix socket as well, which costs callers on this machine less.
    pub sockets: Option<PathBuf>,
    /// How many threads answer.
    pub workers: usize,
    /// How many requests are worked on at once.
    pub in_flight: usize,
    /// How long it still answers after it has said that it will not.
    pub drain_wait: Duration,
    /// Whether its clock can be shifted.
    pub travels: bool,
    /// The numbers.
    pub metrics: Option<Metrics>,
}

/// A service that is being served.
pub struct Running {
    /// Where the API listens.
    pub public: SocketAddr,
    /// Where `/metrics` and `/internal` listen.
    pub internal: SocketAddr,
    edge: Arc<Edge>,
    stop: watch::Sender<bool>,
    servers: [Serving; 2],
    tasks: Tasks,
    flush: Option<Background>,
    drain_wait: Duration,
}

/// How long background work and the last flush have to end.
const LAST: Duration = Duration::from_secs(5);

/// Serves a built service. `stop` is what the service's own work watches.
pub fn start(
    definition: Definition,
    service: Service,
    options: Options,
    clock: Clock,
    stop: watch::Sender<bool>,
) -> Result<Running, Error> {
    let Service { state, shared: _, worker_state, internal, verifier, tasks, checks, flush, own_lane } = service;
    let health = Health::new((definition.name, definition.version), clock.clone(), verifier.clone(), checks);
    let routes = Routes::of(&definition);
    let lanes = Lanes::new(options.in_flight, own_lane);
    let edge = Arc::new(Edge { name: definition.name, verifier, clock, health, routes, lanes });
    let inside = Internal { definition, metrics: options.metrics, travels: options.travels, routes: internal };
    let inside = Arc::new(inside);

    let (shared, its_state) = (edge.clone(), worker_state.unwrap_or_else(|| state.clone()));
    let api = move |config: &mut web::ServiceConfig| {
        config.app_data(shared.clone()).configure(|config| its_state(config)).configure(internal::health);
        config.service(web::scope(PREFIX).configure(|config| (definition.routes)(&mut ServiceConfig::serving(config))));
        config.default_service(web::to(nothing_here));
    };
    let shared = edge.clone();
    let own = move |config: &mut web::ServiceConfig| {
        config.app_data(shared.clone()).configure(|config| state(config)).configure(internal::health);
        inside.attach(config);
        config.default_service(web::to(nothing_inside));
    };
    let sockets = options.sockets.as_deref();
    let around = edge.clone();
    let api = move || App::new().wrap(Wrap(around.clone())).configure(api.clone());
    let around = edge.clone();
    let own = move || App::new().wrap(Wrap(around.clone())).configure(own.clone());
    let (public, public_server) = listen(options.public, sockets, options.workers, api)?;
    let (internal, internal_server) = listen(options.internal, None, 1, own)?;
    let tasks = Tasks::begin(tasks, &stop.subscribe());
    let servers = [public_server, internal_server];
    Ok(Running { public, internal, edge, stop, servers, tasks, flush, drain_wait: options.drain_wait })
}

impl Running {
    /// Says that no more requests are to come, answers those that do meanwhile, finishes those that were begun,
    /// ends the background work and flushes what is left.
    pub async fn stop(self) {
        self.edge.health.drain();
        tokio::time::sleep(self.drain_wait).await;
        let [(public, public_end), (internal, internal_end)] = self.servers;
        public.stop(true).await;
        ended(public_end).await;
        self.stop.send_replace(true);
        self.tasks.end(LAST).await;
        if let Some(flush) = self.flush
            && tokio::time::timeout(LAST, flush).await.is_err()
        {
            tracing::warn!("not all could be flushed in time; it is kept and goes out after the next start");
        }
        internal.stop(false).await;
        ended(internal_end).await;
    }
}

async fn ended(server: JoinHandle<std::io::Result<()>>) {
    match server.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "a server ended badly"),
        Err(error) => tracing::error!(%error, "a server's thread ended badly"),
    }
}
