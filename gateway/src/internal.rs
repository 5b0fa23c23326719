//! The internal port, to which nothing is routed: numbers, health, and the clock of a local fleet.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use problem::{Language, Problem, codes};
use telemetry::Metrics;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::pages;
use crate::shared::Shared;

const HEAD: Duration = Duration::from_secs(5);

/// What the internal port tells.
pub(crate) struct Internal {
    pub(crate) shared: Arc<Shared>,
    pub(crate) metrics: Option<Metrics>,
}

/// Serves the internal port until told to stop.
pub(crate) async fn serve(internal: Arc<Internal>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    while !*stop.borrow() {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                let internal = Arc::clone(&internal);
                connections.spawn(async move {
                    let service = service_fn(move |request| {
                        let answer = internal.answer(&request);
                        async move { Ok::<_, Infallible>(answer) }
                    });
                    let mut http = Builder::new();
                    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
                    // Whoever asks here asks again.
                    let _ = http.serve_connection(TokioIo::new(stream), service).await;
                });
            },
            Some(_) = connections.join_next() => {}
            told = stop.changed() => if told.is_err() { return },
        }
    }
}

impl Internal {
    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        match (request.method(), request.uri().path()) {
            (&Method::GET, "/metrics") => self.metrics(),
            (&Method::GET, "/health") => {
                let (status, body) = pages::health(&self.shared);
                said(status, "application/json", body)
            }
            (&Method::GET, "/health/live") => said(200, "application/json", "{\"status\":\"healthy\"}"),
            (&Method::GET, "/health/ready") if pages::is_ready(&self.shared) => {
                said(200, "application/json", "{\"status\":\"healthy\"}")
            }
            (&Method::GET, "/health/ready") => said(503, "application/json", "{\"status\":\"unhealthy\"}"),
            (&Method::POST, "/internal/clock") if self.shared.config.clock_file.is_some() => self.reload_clock(),
            (_, path) => refused(&Problem::new(&codes::NOT_FOUND), path),
        }
    }

    fn metrics(&self) -> Response<Full<Bytes>> {
        metrics::gauge!("http_requests_in_progress")
            .set(f64::from(i32::try_from(self.shared.in_progress()).unwrap_or(0)));
        metrics::gauge!("jwks_age_seconds").set(self.shared.verifier.keys_age().as_secs_f64());
        let text = self.metrics.as_ref().map(Metrics::render).unwrap_or_default();
        said(200, "text/plain; version=0.0.4", text)
    }

    fn reload_clock(&self) -> Response<Full<Bytes>> {
        match self.shared.clock.reload() {
            Ok(shift) => said(200, "application/json", format!("{{\"shift_micros\":{}}}", shift.as_micros())),
            Err(error) => {
                tracing::error!(%error, "the clock was not read again");
                refused(&Problem::new(&codes::INTERNAL), "/internal/clock")
            }
        }
    }
}

fn said(status: u16, kind: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

fn refused(problem: &Problem, path: &str) -> Response<Full<Bytes>> {
    let rendered = problem.render(Language::En, &telemetry::Context::begin().request_id, path);
    said(rendered.status, "application/problem+json", rendered.body)
}
