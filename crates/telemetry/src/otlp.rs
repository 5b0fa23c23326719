//! Trace export by OTLP over HTTP, from a thread of its own. Nothing of it runs where no collector is configured.
//!
//! A span is handed over once, when it ends, with the ids that its [`TraceContext`] had all along: so nothing is
//! allocated for spans that are not exported.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use clock::Clock;
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanData, SpanEvents, SpanLinks, SpanProcessor};

use crate::{Error, TraceContext};

/// What a span is to the others of its trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It answers a call.
    Server,
    /// It makes a call.
    Client,
    /// It works off a message.
    Consumer,
    /// It publishes a message.
    Producer,
}

static EXPORT: OnceLock<BatchSpanProcessor> = OnceLock::new();

/// Exports to this collector from now on.
pub(crate) fn install(service: &'static str, version: &'static str, endpoint: &str, percent: u32) -> Result<(), Error> {
    use opentelemetry_otlp::WithHttpConfig as _;
    let traces = format!("{}/v1/traces", endpoint.trim_end_matches('/').trim_end_matches("/v1/traces"));
    let exporter = SpanExporter::builder().with_http().with_endpoint(traces).with_headers(Default::default()).build();
    let exporter = exporter.map_err(|e| Error::Otlp(e.to_string()))?;
    let mut processor = BatchSpanProcessor::builder(exporter).build();
    let version = KeyValue::new("service.version", version);
    processor.set_resource(&Resource::builder().with_service_name(service).with_attribute(version).build());
    EXPORT.set(processor).map_err(|_| Error::Twice)?;
    TraceContext::sample(percent);
    Ok(())
}

/// A piece of work that has ended.
#[derive(Clone, Debug)]
pub struct Span<'a> {
    /// Its place in its trace.
    pub trace: TraceContext,
    /// What it is to the others.
    pub kind: Kind,
    /// What it did.
    pub name: Cow<'static, str>,
    /// How long that took, until now.
    pub took: Duration,
    /// Whether it failed.
    pub failed: bool,
    /// What else there is to say in numbers.
    pub numbers: &'a [(&'static str, i64)],
}

/// Exports a span, if its trace is exported.
pub fn export(span: Span<'_>) {
    let Some(processor) = EXPORT.get().filter(|_| span.trace.sampled()) else { return };
    let (trace_id, span_id, parent) = span.trace.ids();
    let (trace_id, span_id) = (TraceId::from(trace_id), SpanId::from(span_id));
    let end_time = SystemTime::from(Clock::system().now());
    processor.on_end(SpanData {
        span_context: SpanContext::new(trace_id, span_id, TraceFlags::SAMPLED, false, TraceState::default()),
        parent_span_id: SpanId::from(parent),
        parent_span_is_remote: parent != 0,
        span_kind: match span.kind {
            Kind::Server => SpanKind::Server,
            Kind::Client => SpanKind::Client,
            Kind::Consumer => SpanKind::Consumer,
            Kind::Producer => SpanKind::Producer,
        },
        name: span.name,
        start_time: end_time.checked_sub(span.took).unwrap_or(end_time),
        end_time,
        attributes: span.numbers.iter().map(|(name, value)| KeyValue::new(*name, *value)).collect(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: if span.failed { Status::error("") } else { Status::Unset },
        instrumentation_scope: InstrumentationScope::builder("telemetry").build(),
    });
}

/// Sends what waits, for two seconds at most.
pub(crate) fn shutdown() {
    if let Some(processor) = EXPORT.get() {
        // A collector that is away does not keep a process from ending.
        let _ = processor.shutdown_with_timeout(Duration::from_secs(2));
    }
}
