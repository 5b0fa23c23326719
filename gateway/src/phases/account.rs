//! What is remembered of a request: its series and its log line.

use std::sync::Arc;
use std::time::Instant;

use authn::Identity;
use http::header::ACCEPT_LANGUAGE;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Uri};
use problem::Language;
use telemetry::http::Access;
use telemetry::{Context, TraceContext};

use super::{Cors, Quota};
use crate::client::Client;
use crate::core::View;
use crate::table::Route;

/// `X-Request-Id`, in and out.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// `traceparent`, in and out.
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// What becomes known of a request on its way.
pub(crate) struct Facts {
    pub(crate) started: Instant,
    pub(crate) context: Context,
    pub(crate) request_id: HeaderValue,
    pub(crate) method: Method,
    pub(crate) asked: Uri,
    pub(crate) languages: Option<HeaderValue>,
    pub(crate) cors: Cors,
    pub(crate) route: Option<usize>,
    pub(crate) identity: Option<Arc<Identity>>,
    pub(crate) quota: Option<Quota>,
    /// The canonical path, where the caller used another.
    pub(crate) canonical: Option<String>,
    /// Why it failed, for the log.
    pub(crate) failure: Option<String>,
}

impl Facts {
    /// What a head tells.
    pub(crate) fn begin(head: &Parts, cors: Cors) -> Self {
        let text = |name: &HeaderName| head.headers.get(name).and_then(|value| value.to_str().ok());
        let context = Context::of_headers(text(&REQUEST_ID), text(&TRACEPARENT));
        Self {
            started: Instant::now(),
            request_id: HeaderValue::from_str(&context.request_id).unwrap_or(HeaderValue::from_static("unknown")),
            method: head.method.clone(),
            asked: head.uri.clone(),
            languages: head.headers.get(ACCEPT_LANGUAGE).cloned(),
            cors,
            route: None,
            identity: None,
            quota: None,
            canonical: None,
            failure: None,
            context,
        }
    }

    /// The route it takes; `respelled` is its canonical path, where the caller used another. From here on the head has
    /// the path that the service answers.
    pub(crate) fn take(&mut self, index: usize, route: &Route, respelled: Option<String>, head: &mut Parts) {
        self.route = Some(index);
        let Some(canonical) = respelled.or_else(|| route.alias_of.clone()) else { return };
        let target = match head.uri.query() {
            Some(query) => format!("{canonical}?{query}"),
            None => canonical.clone(),
        };
        if let Ok(target) = target.parse() {
            head.uri = target;
        }
        self.canonical = Some(canonical);
    }

    /// The language of refusals.
    pub(crate) fn language(&self) -> Language {
        Language::negotiate(self.languages.as_ref().and_then(|value| value.to_str().ok()))
    }

    /// The span of this request.
    pub(crate) fn trace(&self) -> &TraceContext {
        &self.context.trace
    }
}

/// Counts the request and writes its line.
pub(crate) fn account(view: &View, client: &Client, facts: Facts, status: u16, logged: bool) {
    let took = facts.started.elapsed();
    let endpoint = view.endpoint(facts.route);
    endpoint.answered(status, took);
    if !logged {
        return;
    }
    let mut context = facts.context;
    context.actor = facts.identity.map(|identity| identity.user.to_string());
    telemetry::http::access(&Access {
        entered: &context.enter(),
        method: facts.method.as_str(),
        route: endpoint.name(),
        status,
        took,
        error: facts.failure.as_ref().map(|failure| failure as &dyn std::fmt::Display),
        fields: &[("ip_hmac", client.mark())],
        quiet: endpoint.name().starts_with("/health"),
    });
}

/// Counts a head that could not be read, of which nothing more is known.
pub(crate) fn unreadable(status: u16) {
    let status = status.to_string();
    metrics::counter!("http_requests_total", "endpoint" => "unreadable", "status" => status).increment(1);
}
