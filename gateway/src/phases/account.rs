//! What is remembered of a request: its series and its log line.

use telemetry::http::Access;

use crate::way::Way;

/// Counts a request that was answered so, and writes its line.
pub(crate) fn account(way: &Way, status: u16) {
    let took = way.facts.started.elapsed();
    let core = &way.core;
    core.ledger.count(&way.view, way.facts.route, status, took);
    if !core.shared.config.access_log {
        return;
    }
    let endpoint = way.view.endpoint(way.facts.route);
    if status < 500 && !way.facts.context.trace.sampled() && !endpoint.is_quiet() {
        core.ledger.write(way, status, took);
        return;
    }
    let mut context = way.facts.context.clone();
    context.actor = way.facts.caller.as_ref().map(|caller| caller.user.to_string());
    telemetry::http::access(&Access {
        entered: &context.enter(),
        method: way.facts.method.as_str(),
        route: endpoint.name(),
        status,
        took,
        error: way.facts.failure.as_ref().map(|failure| failure as &dyn std::fmt::Display),
        fields: &[("ip_hmac", way.client.mark())],
        quiet: endpoint.is_quiet(),
    });
}

/// Counts a head that could not be read, of which nothing more is known.
pub(crate) fn unreadable(status: u16) {
    let status = status.to_string();
    metrics::counter!("http_requests_total", "endpoint" => "unreadable", "status" => status).increment(1);
}
