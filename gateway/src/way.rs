//! A request on its way: what it passes through, and what becomes known of it.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode, Uri};
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
    pub(crate) context: Context,
    pub(crate) request_id: HeaderValue,
    pub(crate) traceparent: HeaderValue,
    pub(crate) method: Method,
    /// What was asked for, as the client spelled it.
    pub(crate) asked: Uri,
    pub(crate) languages: Option<HeaderValue>,
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
    /// The way of a request that just came.
    pub(crate) fn begin(
        core: &Rc<Core>,
        client: Rc<Client>,
        pulse: &Arc<Pulse>,
        noted: &Noted<'_>,
        head: &Parts,
    ) -> Self {
        core.ledger.begun();
        let facts = Facts::of(noted, head, cors(noted, &core.shared.origins));
        Self { view: core.view(), core: Rc::clone(core), client, pulse: Arc::clone(pulse), facts, over: false }
    }

    /// The route it takes, once it takes one.
    pub(crate) fn route(&self) -> Option<&Route> {
        self.view.table.route(self.facts.route?)
    }

    /// Its answer: completed, accounted for, on its way out.
    pub(crate) fn end(mut self, passed: Result<Response<Outgoing>, Problem>) -> Response<Outgoing> {
        let mut answer = passed.unwrap_or_else(|problem| refuse(&problem, &mut self.facts));
        secure(answer.headers_mut(), &mut self.facts);
        self.over = true;
        account(&self, answer.status().as_u16());
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            self.pulse.tunnel();
            return answer;
        }
        self.pulse.answering();
        answer.map(|body| body.pulsing(&self.pulse))
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
    fn of(noted: &Noted<'_>, head: &Parts, cors: Cors) -> Self {
        let context = Context::of_headers(noted.request_id(), noted.traceparent());
        Self {
            started: Instant::now(),
            request_id: HeaderValue::from_str(&context.request_id).unwrap_or(HeaderValue::from_static("unknown")),
            traceparent: HeaderValue::try_from(context.trace.traceparent()).unwrap_or(HeaderValue::from_static("")),
            method: head.method.clone(),
            asked: head.uri.clone(),
            languages: noted.languages(),
            cors,
            zip: noted.takes_zip(),
            mixed: noted.is_mixed(),
            route: None,
            caller: None,
            quota: None,
            canonical: None,
            failure: None,
            context,
        }
    }

    /// It takes this route; `respelled` is its canonical path, where the caller used another. From here on `uri` has
    /// the path that the service answers.
    pub(crate) fn take(&mut self, index: usize, route: &Route, respelled: Option<String>, uri: &mut Uri) {
        self.route = Some(index);
        let Some(canonical) = respelled.or_else(|| route.alias_of.clone()) else { return };
        let target = match uri.query() {
            Some(query) => format!("{canonical}?{query}"),
            None => canonical.clone(),
        };
        if let Ok(target) = target.parse() {
            *uri = target;
        }
        self.canonical = Some(canonical.into_boxed_str());
    }

    /// The id of its trace, in hex.
    pub(crate) fn trace_id(&self) -> &[u8] {
        self.traceparent.as_bytes().get(3..35).unwrap_or_default()
    }

    /// The language of refusals.
    pub(crate) fn language(&self) -> Language {
        Language::negotiate(self.languages.as_ref().and_then(|value| value.to_str().ok()))
    }
}
