//! Whether this process can do its work, and what it can do without.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use authn::Verifier;
use clock::Clock;
use futures_util::future::join_all;
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;

use crate::BoxFuture;

/// One thing that the service leans on.
pub(crate) struct Check {
    name: &'static str,
    essential: bool,
    ask: Box<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>,
}

/// The state of the whole.
pub(crate) struct Health {
    name: &'static str,
    version: &'static str,
    clock: Clock,
    verifier: Verifier,
    checks: Vec<Check>,
    started: Instant,
    draining: AtomicBool,
    last: Mutex<Option<(Instant, Report)>>,
}

/// What was found.
#[derive(Clone)]
pub(crate) struct Report {
    /// Whether requests are to come.
    pub(crate) ready: bool,
    status: &'static str,
    dependencies: Map<String, Value>,
}

/// An answer is good for that long.
const GOOD_FOR: Duration = Duration::from_secs(1);
/// Whatever does not answer by then is taken to be away.
const PATIENCE: Duration = Duration::from_millis(200);

impl Check {
    pub(crate) fn new(
        name: &'static str,
        essential: bool,
        ask: impl Fn() -> BoxFuture<'static, bool> + Send + Sync + 'static,
    ) -> Self {
        Self { name, essential, ask: Box::new(ask) }
    }
}

impl Health {
    pub(crate) fn new(
        (name, version): (&'static str, &'static str),
        clock: Clock,
        verifier: Verifier,
        checks: Vec<Check>,
    ) -> Self {
        let (started, draining) = (Instant::now(), AtomicBool::new(false));
        Self { name, version, clock, verifier, checks, started, draining, last: Mutex::default() }
    }

    /// From now on no more requests are to come.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Asks all dependencies, at most once a second however many ask.
    pub(crate) async fn report(&self) -> Report {
        let mut last = self.last.lock().await;
        let report = match &*last {
            Some((at, report)) if at.elapsed() < GOOD_FOR => report.clone(),
            _ => {
                let report = self.ask().await;
                *last = Some((Instant::now(), report.clone()));
                report
            }
        };
        if self.draining.load(Ordering::Acquire) {
            return Report { ready: false, status: "unhealthy", ..report };
        }
        report
    }

    async fn ask(&self) -> Report {
        let answers = self.checks.iter().map(|check| tokio::time::timeout(PATIENCE, (check.ask)()));
        let answers = join_all(answers).await.into_iter().map(|answer| answer.unwrap_or(false));
        let (mut ready, mut whole) = (self.verifier.ready(), true);
        let mut dependencies = Map::new();
        for (check, connected) in self.checks.iter().zip(answers) {
            ready &= connected || !check.essential;
            whole &= connected;
            dependencies.insert(check.name.into(), if connected { "connected" } else { "disconnected" }.into());
        }
        dependencies.insert("keys".into(), if self.verifier.ready() { "connected" } else { "disconnected" }.into());
        let status = match (ready, whole) {
            (false, _) => "unhealthy",
            (true, false) => "degraded",
            (true, true) => "healthy",
        };
        Report { ready, status, dependencies }
    }

    /// The required form, with what was found.
    pub(crate) fn body(&self, report: &Report) -> Value {
        let mut body = self.alive();
        if let Some(body) = body.as_object_mut() {
            let database = report.dependencies.get("database").cloned().unwrap_or_else(|| "none".into());
            body.insert("status".into(), report.status.into());
            body.insert("database".into(), database);
            body.insert("dependencies".into(), report.dependencies.clone().into());
        }
        body
    }

    /// What needs no dependency to be said.
    pub(crate) fn alive(&self) -> Value {
        json!({
            "status": "healthy",
            "service": self.name,
            "version": self.version,
            "timestamp": self.clock.now(),
            "uptime_s": self.started.elapsed().as_secs(),
        })
    }
}
