//! What a service is: its name, its routes, how it is built; and once built, its parts.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::web;
use authn::Verifier;
use clock::Clock;
use settings::Reader;
use tokio::sync::watch;
use utoipa::openapi::OpenApi;

use crate::Error;
use crate::document::ServiceConfig;
use crate::health::Check;

/// A future that may move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Work beside the requests.
pub type Background = BoxFuture<'static, ()>;

/// Adds state or routes to an application; run once per worker.
pub type Attach = Arc<dyn Fn(&mut web::ServiceConfig) + Send + Sync>;

/// One deployable, before any of it runs.
#[derive(Clone, Copy)]
pub struct Definition {
    /// Its name: folder, package, binary, queue.
    pub name: &'static str,
    /// Its version: `env!("CARGO_PKG_VERSION")`.
    pub version: &'static str,
    /// Its port where `PORT` says nothing.
    pub port: u16,
    /// Every route, below `/api/v1`.
    pub routes: fn(&mut ServiceConfig<'_>),
    /// Title, description and tags of its document; the operations come from the routes.
    pub document: fn() -> OpenApi,
    /// Its document as it is served: `openapi.json`, which a test holds to what routes and `document` say.
    pub openapi: &'static str,
    /// Reads its configuration and builds its parts.
    pub build: fn(Start) -> BoxFuture<'static, Result<Service, Error>>,
    /// Brings its database to this version, as the database's owner.
    pub migrate: fn(Reader) -> BoxFuture<'static, Result<(), Error>>,
}

/// What a service is built from.
pub struct Start {
    /// The environment; [`Reader::load`] it, so that all that is wrong is told at once.
    pub env: Reader,
    /// The time.
    pub clock: Clock,
    /// Turns true when the service is to end.
    pub stop: watch::Receiver<bool>,
}

/// A built service.
pub struct Service {
    pub(crate) state: Attach,
    pub(crate) shared: Arc<dyn Any + Send + Sync>,
    pub(crate) worker_state: Option<Attach>,
    pub(crate) internal: Option<Attach>,
    pub(crate) verifier: Verifier,
    pub(crate) tasks: Vec<Task>,
    pub(crate) checks: Vec<Check>,
    pub(crate) flush: Option<Background>,
    pub(crate) own_lane: Vec<&'static str>,
}

/// Work beside the requests that is begun again when it panics.
pub struct Task {
    pub(crate) name: &'static str,
    pub(crate) begin: Box<dyn Fn() -> Background + Send + Sync>,
}

impl Service {
    /// A service of this state, which handlers take as `Data<S>`, that knows callers by `verifier`.
    pub fn new<S: Send + Sync + 'static>(state: S, verifier: Verifier) -> Self {
        let state = Arc::new(state);
        let data = web::Data::from(state.clone());
        Self {
            state: Arc::new(move |config| {
                config.app_data(data.clone());
            }),
            shared: state,
            worker_state: None,
            internal: None,
            verifier,
            tasks: Vec::new(),
            checks: Vec::new(),
            flush: None,
            own_lane: Vec::new(),
        }
    }

    /// With a state for each thread that answers, made on that thread: what it opens is driven there, so that no answer
    /// of a database is handed from thread to thread. Of the same type as the shared one, which all else goes on with.
    #[must_use]
    pub fn per_worker<S: Send + Sync + 'static>(mut self, make: impl Fn() -> S + Send + Sync + 'static) -> Self {
        self.worker_state = Some(Arc::new(move |config| {
            config.app_data(web::Data::new(make()));
        }));
        self
    }

    /// Its state, if it is of this type: for tests, which call jobs and event handlers by hand.
    pub fn state<S: Send + Sync + 'static>(&self) -> Option<Arc<S>> {
        self.shared.clone().downcast().ok()
    }

    /// With work beside the requests: `begin` makes it, and makes it again should it panic.
    #[must_use]
    pub fn task<F>(mut self, name: &'static str, begin: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tasks.push(Task { name, begin: Box::new(move || Box::pin(begin())) });
        self
    }

    /// With something it cannot do without, such as its `database`.
    #[must_use]
    pub fn needs<F>(mut self, name: &'static str, check: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = bool> + Send + 'static,
    {
        self.checks.push(Check::new(name, true, move || Box::pin(check())));
        self
    }

    /// With something it can do without for a while, such as the `broker`.
    #[must_use]
    pub fn uses<F>(mut self, name: &'static str, check: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = bool> + Send + 'static,
    {
        self.checks.push(Check::new(name, false, move || Box::pin(check())));
        self
    }

    /// With routes below `/internal`, on the internal port only. They take the same state.
    #[must_use]
    pub fn internal(mut self, routes: impl Fn(&mut web::ServiceConfig) + Send + Sync + 'static) -> Self {
        self.internal = Some(Arc::new(routes));
        self
    }

    /// With something to finish after the last request: the outbox.
    #[must_use]
    pub fn flush(mut self, last: impl Future<Output = ()> + Send + 'static) -> Self {
        self.flush = Some(Box::pin(last));
        self
    }

    /// With a path that is let in when the service is full, such as `/api/v1/auth/refresh`.
    #[must_use]
    pub fn own_lane(mut self, path: &'static str) -> Self {
        self.own_lane.push(path);
        self
    }

    /// With another verifier: for tests, which sign their own tokens.
    #[must_use]
    pub fn verified_by(mut self, verifier: Verifier) -> Self {
        self.verifier = verifier;
        self
    }

    /// Without the work beside the requests: for tests, which do it by hand.
    #[must_use]
    pub fn without_tasks(mut self) -> Self {
        self.tasks.clear();
        self.flush = None;
        self
    }
}
