//! A request on its way: what it passes through, and what becomes known of it.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use http::{Method, Response, StatusCode};
use jiff::Timestamp;
use problem::{Language, Problem};
use telemetry::Context;

use crate::client::Client;
use crate::core::{Core, View};
use crate::phases::{Cors, Known, Noted, Quota, account, cors, refuse, secure};
use crate::table::Route;
use crate::wire::{Outgoing, Pulse};

/// A client that went away before its answer (nginx's number for it).
const GONE: u16 = 499;

/// A request on its way. One that is dropped before its end is accounted for as well: its client went away.
pub(crate) struct Way {
    pub(crate) core: Rc<Core>,
    pub(crate) view: Rc<View>,
    pub(crate) client: Rc<Client>,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) facts: Facts,
    over: bool,
}

/// What becomes known of a request.
pub(crate) struct Facts {
    pub(crate) started: Instant,
    /// When it came, by the fleet's clock.
    pub(crate) begun: Timestamp,
    pub(crate) context: Context,
    pub(crate) traceparent: [u8; 55],
    pub(crate) method: Method,
    /// The path that was asked for, as the client spelled it.
    pub(crate) asked: Box<str>,
    /// The language of refusals.
    pub(crate) language: Language,
    pub(crate) cors: Cors,
    /// Whether a zipped answer is taken.
    pub(crate) zip: bool,
    /// Whether something in the head is not for a service, or not as it stands.
    pub(crate) mixed: bool,
    pub(crate) route: Option<usize>,
    pub(crate) caller: Option<Known>,
    pub(crate) quota: Option<Quota>,
    /// The canonical path, where the caller used another.
    pub(crate) canonical: Option<Box<str>>,
    /// Why it failed, for the log.
    pub(crate) failure: Option<Box<str>>,
}

impl Way {
    /// The way of a request that just came, with this method and path.
    pub(crate) fn begin(
        (core, client): (&Rc<Core>, Rc<Client>),
        pulse: &Arc<Pulse>,
        noted: &Noted<'_>,
        (method, path): (&Method, &str),
    ) -> Self {
        core.ledger.begun();
        let facts = Facts::of(noted, (method, path), core.shared.clock.now(), cors(noted, &core.shared.origins));
        Self { view: core.view(), core: Rc::clone(core), client, pulse: Arc::clone(pulse), facts, over: false }
    }

    /// The route it takes, once it takes one.
    pub(crate) fn route(&self) -> Option<&Route> {
        self.view.table.route(self.facts.route?)
    }

    /// Its answer: completed, accounted for, on its way out.
    pub(crate) fn end(mut self, passed: Result<Response<Outgoing>, Problem>) -> Response<Outgoing> {
        let mut answer = passed.unwrap_or_else(|problem| refuse(&problem, &mut self.facts));
        secure(answer.headers_mut(), &self.facts);
        let status = answer.status();
        self.answered(status.as_u16());
        if status == StatusCode::SWITCHING_PROTOCOLS {
            self.pulse.tunnel();
            return answer;
        }
        answer.map(|body| body.pulsing(&self.pulse))
    }

    /// Notes that it is answered; the answer is on its way out.
    pub(crate) fn answered(&mut self, status: u16) {
        self.over = true;
        account(self, status);
        self.pulse.answering();
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        if !self.over {
            account(self, GONE);
        }
        self.core.ledger.ended();
    }
}

impl Facts {
    fn of(noted: &Noted<'_>, (method, path): (&Method, &str), begun: Timestamp, cors: Cors) -> Self {
        let context = Context::of_headers(text(noted.request_id), text(noted.traceparent));
        Self {
            started: Instant::now(),
            begun,
            traceparent: context.trace.traceparent_bytes(),
            method: method.clone(),
            asked: path.into(),
            language: Language::negotiate(text(noted.languages)),
            cors,
            zip: noted.zip,
            mixed: noted.mixed || noted.kept_alive,
            route: None,
            caller: None,
            quota: None,
            canonical: None,
            failure: None,
            context,
        }
    }

    /// It takes this route; `respelled` is its canonical path, where the caller used another. An alias is answered as the
    /// route it names, however it is spelt.
    pub(crate) fn take(&mut self, index: usize, route: &Route, respelled: Option<String>) {
        self.route = Some(index);
        self.canonical = route.alias_of.clone().or(respelled).map(String::into_boxed_str);
    }

    /// The `Link` to the canonical path, where the caller used another.
    pub(crate) fn link(&self) -> Option<String> {
        self.canonical.as_ref().map(|canonical| format!("<{canonical}>; rel=\"canonical\""))
    }

    /// The id of its trace, in hex.
    pub(crate) fn trace_id(&self) -> &[u8] {
        self.traceparent.get(3..35).unwrap_or_default()
    }
}

fn text(value: Option<&[u8]>) -> Option<&str> {
    std::str::from_utf8(value?).ok()
}
