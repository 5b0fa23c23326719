//! What one request or message is part of: its id, its trace, and who caused it.

use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// One request's or message's place in the whole.
#[derive(Clone, Debug)]
pub struct Context {
    /// Born at the gateway, the same in every service, log line, event and refusal.
    pub request_id: Arc<str>,
    /// This piece of work's span.
    pub trace: TraceContext,
    /// The account that caused it, once known.
    pub actor: Option<String>,
    /// When whoever asked for it stops waiting, where that is known.
    pub deadline: Option<Instant>,
}

/// A place in a W3C trace: the trace, this span, and the span it came from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    trace: u128,
    span: u64,
    parent: u64,
    sampled: bool,
}

/// A context while work is done under it, kept by whoever began the work.
#[derive(Clone, Debug)]
pub struct Entered(Arc<Current>);

#[derive(Debug)]
struct Current {
    request_id: Arc<str>,
    trace: TraceContext,
    actor: OnceLock<String>,
    deadline: Option<Instant>,
}

tokio::task_local! {
    static CURRENT: Entered;
}

/// Request ids longer than this are not ours.
const LONGEST_ID: usize = 128;

impl Context {
    /// The context of a request or message with these headers; what is absent or makes no sense is made anew.
    pub fn of_headers(request_id: Option<&str>, traceparent: Option<&str>) -> Self {
        let request_id = request_id.filter(|id| is_request_id(id)).map_or_else(new_request_id, Arc::from);
        let trace = traceparent.and_then(TraceContext::parse).map_or_else(TraceContext::begin, |caller| caller.child());
        Self { request_id, trace, actor: None, deadline: None }
    }

    /// A context of its own, for work that nobody asked for.
    pub fn begin() -> Self {
        Self::of_headers(None, None)
    }

    /// The context of the work that this task does, if it does any.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Entered::context).ok()
    }

    /// Names the account that caused the current work. The first to say so is believed.
    pub fn set_actor(actor: impl fmt::Display) {
        // Outside any context there is nobody to tell.
        let _ = CURRENT.try_with(|current| current.0.actor.get_or_init(|| actor.to_string()).len());
    }

    /// Runs `work` under this context.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        self.enter().scope(work).await
    }

    /// This context, to run work under and to look at afterwards.
    pub fn enter(self) -> Entered {
        let Self { request_id, trace, actor, deadline } = self;
        let actor = actor.map_or_else(OnceLock::new, OnceLock::from);
        Entered(Arc::new(Current { request_id, trace, actor, deadline }))
    }
}

impl Entered {
    /// Runs `work` under this context.
    pub fn scope<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        CURRENT.scope(self.clone(), work)
    }

    /// The id of the request.
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// The span of the request.
    pub fn trace(&self) -> TraceContext {
        self.0.trace
    }

    /// Who caused it, once somebody said so.
    pub fn actor(&self) -> Option<&str> {
        self.0.actor.get().map(String::as_str)
    }

    /// All of it as it is now.
    pub fn context(&self) -> Context {
        let Current { request_id, trace, actor, deadline } = &*self.0;
        Context { request_id: request_id.clone(), trace: *trace, actor: actor.get().cloned(), deadline: *deadline }
    }

    /// Looks at the context of the current work without copying it.
    pub(crate) fn with_current<R>(look: impl FnOnce(&Self) -> R) -> Option<R> {
        CURRENT.try_with(look).ok()
    }
}

/// How many of 2^32 new traces are exported.
static SAMPLED: AtomicU32 = AtomicU32::new(0);

impl TraceContext {
    /// A new trace, exported or not by the share that was configured.
    pub fn begin() -> Self {
        let (trace, span) = rand::random::<(u128, u64)>();
        let sampled = SAMPLED.load(Ordering::Relaxed) > (trace >> 96) as u32;
        Self { trace: trace.max(1), span: span.max(1), parent: 0, sampled }
    }

    /// Reads a `traceparent` header.
    pub fn parse(traceparent: &str) -> Option<Self> {
        let mut parts = traceparent.split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let shape = [(version, 2), (trace, 32), (span, 16), (flags, 2)];
        let lower_hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !shape.iter().all(|(part, len)| part.len() == *len && lower_hex(part)) {
            return None;
        }
        // A later version may say more; this one may not, and `ff` is never one.
        if version == "ff" || (version == "00" && parts.next().is_some()) {
            return None;
        }
        let (trace, span) = (u128::from_str_radix(trace, 16).ok()?, u64::from_str_radix(span, 16).ok()?);
        let flags = u8::from_str_radix(flags, 16).ok()?;
        (trace != 0 && span != 0).then_some(Self { trace, span, parent: 0, sampled: flags & 1 == 1 })
    }

    /// The `traceparent` header for whom this span calls.
    pub fn traceparent(&self) -> String {
        String::from_utf8_lossy(&self.traceparent_bytes()).into_owned()
    }

    /// The same as bytes, all of them ASCII.
    pub fn traceparent_bytes(&self) -> [u8; 55] {
        let (mut trace, mut span) = ([0; 32], [0; 32]);
        crate::line::hex(self.trace, &mut trace);
        crate::line::hex(u128::from(self.span), &mut span);
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
        let flags: &[u8] = if self.sampled { b"01" } else { b"00" };
        for (at, part) in [(3, trace.as_slice()), (36, span.get(16..).unwrap_or_default()), (53, flags)] {
            if let Some(place) = text.get_mut(at..at + part.len()) {
                place.copy_from_slice(part);
            }
        }
        text
    }

    /// A new span below this one.
    pub fn child(&self) -> Self {
        Self { span: rand::random::<u64>().max(1), parent: self.span, ..*self }
    }

    /// The id of the trace, in hex.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace)
    }

    /// Whether the spans of this trace are exported.
    pub fn sampled(&self) -> bool {
        self.sampled
    }

    pub(crate) fn ids(&self) -> (u128, u64, u64) {
        (self.trace, self.span, self.parent)
    }

    pub(crate) fn sample(percent: u32) {
        let share = u64::from(percent.min(100)) * u64::from(u32::MAX) / 100;
        SAMPLED.store(u32::try_from(share).unwrap_or(u32::MAX), Ordering::Relaxed);
    }
}

impl fmt::Debug for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.traceparent())
    }
}

fn is_request_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= LONGEST_ID
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

fn new_request_id() -> Arc<str> {
    let mut hex = [0; 32];
    crate::line::hex(rand::random(), &mut hex);
    std::str::from_utf8(&hex).map_or_else(|_| Arc::from("unknown"), Arc::from)
}
