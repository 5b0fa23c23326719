//! Logs, traces and metrics; request id and trace context in and out, as text.
//!
//! A log line is one JSON object, readable alone, that never carries a token, a mail address or a body
//! ([`tracing`]'s macros write it, and [`http::access`] writes the one line of each request). The [`Context`] of
//! the request or message being worked on travels with the task, and every line names it. Nothing here knows a
//! web framework. Start with [`init`] and [`Context`].

mod context;
pub mod http;
mod line;
mod lines;
mod otlp;
mod scrub;
mod series;
mod sink;

#[cfg(test)]
mod tests;

use settings::Reader;

pub use context::{Context, Entered, TraceContext};
pub use http::ip_hmac;
pub use lines::{Level, origin};
pub use otlp::{Kind, Span, export};
pub use series::Metrics;

/// What is logged, and where traces go.
#[derive(Clone, Debug)]
pub struct Config {
    /// `LOG_LEVEL`: DEBUG, INFO (the default), WARNING, ERROR or CRITICAL.
    pub level: Level,
    /// `OTLP_ENDPOINT`: the collector, such as `http://127.0.0.1:4318`. Without it no trace is exported.
    pub otlp_endpoint: Option<String>,
    /// `OTLP_SAMPLE_PERCENT`: how many of a hundred new traces are exported; 10 by default.
    pub otlp_sample_percent: u32,
}

/// What keeps logs, traces and metrics flowing; one per process.
#[derive(Debug)]
pub struct Telemetry {
    metrics: Metrics,
}

/// Why it cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It runs already.
    #[error("logs and metrics were already set up in this process")]
    Twice,
    /// The trace exporter cannot be built.
    #[error("OTLP_ENDPOINT cannot be used: {0}")]
    Otlp(String),
    /// The thread that writes the log cannot be started.
    #[error("the log's thread cannot be started: {0}")]
    Thread(#[from] std::io::Error),
}

impl Config {
    /// Reads it from the environment.
    pub fn read(env: &mut Reader) -> Self {
        Self {
            level: env.or("LOG_LEVEL", Level::Info),
            otlp_endpoint: env.optional("OTLP_ENDPOINT"),
            otlp_sample_percent: env.or("OTLP_SAMPLE_PERCENT", 10),
        }
    }
}

/// Sets up logs to stdout, the recorder behind the `metrics` macros, and, where configured, trace export.
/// Once per process: keep what it answers until the end.
pub fn init(service: &'static str, version: &'static str, config: &Config) -> Result<Telemetry, Error> {
    let metrics = Metrics::install()?;
    sink::start(metrics.clone())?;
    lines::install(service, version, config.level)?;
    if let Some(endpoint) = &config.otlp_endpoint {
        otlp::install(service, version, endpoint, config.otlp_sample_percent)?;
    }
    Ok(Telemetry { metrics })
}

impl Telemetry {
    /// The numbers, for `/metrics`.
    pub fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }

    /// Writes out what is still in memory: log lines and traces. The last thing a process does.
    pub fn shutdown(self) {
        otlp::shutdown();
        sink::stop();
    }
}
