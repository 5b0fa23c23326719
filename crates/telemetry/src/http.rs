//! What is seen of each HTTP request: three series and one log line. Speaks of methods and routes as text.

use std::borrow::Cow;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clock::Clock;
use metrics::{Counter, Gauge, Histogram};

use crate::lines::{self, Level};
use crate::{Entered, Kind, Span, otlp};

/// The series of one route. Made once per route and kept: then counting costs a few nanoseconds.
pub struct Endpoint {
    name: Arc<str>,
    took: Histogram,
    answers: Mutex<Vec<(u16, Counter)>>,
}

/// How many requests are being worked on. Made once and kept.
#[derive(Clone)]
pub struct InProgress(Gauge);

/// One request that was answered.
pub struct Access<'a> {
    /// What it was part of.
    pub entered: &'a Entered,
    /// `GET`, …
    pub method: &'a str,
    /// The route's template, never the raw path.
    pub route: &'a str,
    /// What it was answered.
    pub status: u16,
    /// How long that took.
    pub took: Duration,
    /// Why it failed, whole, for a 5xx.
    pub error: Option<&'a dyn fmt::Display>,
    /// Further fields, such as the `code` of a refusal or the `upstream` that answered.
    pub fields: &'a [(&'static str, &'a str)],
    /// Whether it is everyday noise, such as a health check: then it is a DEBUG line.
    pub quiet: bool,
}

impl Endpoint {
    /// The series of the route with this template. Only after [`crate::init`], or nothing is counted.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        let name = name.into();
        let took = metrics::histogram!("http_request_duration_seconds", "endpoint" => name.clone());
        Self { name, took, answers: Mutex::default() }
    }

    /// The route's template.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Counts an answer.
    pub fn answered(&self, status: u16, took: Duration) {
        self.took.record(took.as_secs_f64());
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, counter)) = answers.iter().find(|(known, _)| *known == status) {
            return counter.increment(1);
        }
        let labels = [("endpoint", Cow::from(self.name.to_string())), ("status", Cow::from(status.to_string()))];
        let counter = metrics::counter!("http_requests_total", &labels);
        counter.increment(1);
        answers.push((status, counter));
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint").field(&self.name).finish()
    }
}

impl InProgress {
    /// The gauge. Only after [`crate::init`], or nothing is counted.
    #[expect(clippy::new_without_default, reason = "its moment matters")]
    pub fn new() -> Self {
        Self(metrics::gauge!("http_requests_in_progress"))
    }

    /// A request began.
    pub fn started(&self) {
        self.0.increment(1.0);
    }

    /// A request ended.
    pub fn ended(&self) {
        self.0.decrement(1.0);
    }
}

impl fmt::Debug for InProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProgress")
    }
}

/// Writes the line of an answered request, and exports its span where traces are exported.
pub fn access(request: &Access<'_>) {
    let trace = request.entered.trace();
    if trace.sampled() {
        otlp::export(Span {
            trace,
            kind: Kind::Server,
            name: format!("{} {}", request.method, request.route).into(),
            took: request.took,
            failed: request.status >= 500,
            numbers: &[("http.response.status_code", i64::from(request.status))],
        });
    }
    let level = match request.status {
        // Being full or late is what a busy day looks like.
        503 | 504 => Level::Warning,
        500.. => Level::Error,
        _ if request.quiet => Level::Debug,
        _ => Level::Info,
    };
    lines::write(level, |line| {
        line.known("msg", "request answered");
        line.word("method", request.method);
        line.word("route", request.route);
        line.bare("status", request.status);
        let micros = request.took.as_micros();
        line.bare("latency_ms", format_args!("{}.{:03}", micros / 1000, micros % 1000));
        line.context(request.entered);
        for (name, value) in request.fields {
            line.text(name, value);
        }
        if let Some(error) = request.error {
            line.display("error", error);
        }
    });
}

/// Takes over whole lines that a thread wrote by itself, each a JSON object beginning like [`crate::origin`] says and
/// holding nothing to hide: for whoever answers more requests than may be written one by one.
pub fn hand_on(lines: &[u8]) {
    crate::sink::send(lines, false);
}

/// A mark that stands for an address in today's log, and says nothing about it: keyed by a secret of this process
/// that lasts a day.
pub fn ip_hmac(address: IpAddr) -> String {
    static SALT: Mutex<Option<(i64, RandomState)>> = Mutex::new(None);
    let today = Clock::system().now().as_second().div_euclid(86_400);
    let mut salt = SALT.lock().unwrap_or_else(PoisonError::into_inner);
    let (_, key) = match salt.take() {
        Some((day, key)) if day == today => salt.insert((day, key)),
        _ => salt.insert((today, RandomState::new())),
    };
    format!("{:016x}", key.hash_one(address))
}
