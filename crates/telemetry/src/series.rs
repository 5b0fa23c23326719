//! The recorder behind the `metrics` macros, and what `/metrics` says.

use std::time::Instant;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::Error;

/// All numbers of this process.
#[derive(Clone, Debug)]
pub struct Metrics {
    handle: PrometheusHandle,
    started: Instant,
}

/// Seconds, from a cached answer to one that a person gives up on.
const LATENCIES: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0];

impl Metrics {
    pub(crate) fn install() -> Result<Self, Error> {
        let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), LATENCIES);
        let recorder = builder.map_err(|_| Error::Twice)?.build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|_| Error::Twice)?;
        describe();
        Ok(Self { handle, started: Instant::now() })
    }

    /// The Prometheus text of all series.
    pub fn render(&self) -> String {
        metrics::gauge!("app_uptime_seconds").set(self.started.elapsed().as_secs_f64());
        self.handle.render()
    }

    /// Folds what was recorded into the distributions, so that memory does not grow between two readings.
    pub(crate) fn upkeep(&self) {
        self.handle.run_upkeep();
    }
}

fn describe() {
    metrics::describe_counter!("http_requests_total", "Requests answered, by route template and status.");
    metrics::describe_histogram!("http_request_duration_seconds", "Time from a request's head to its answer.");
    metrics::describe_gauge!("http_requests_in_progress", "Requests being worked on.");
    metrics::describe_gauge!("app_uptime_seconds", "Time since this process started.");
    metrics::describe_counter!("log_lines_dropped_total", "Log lines that nobody read in time.");
}
