//! How a request ends: an answer with its headers, a refusal as JSON; counted, and one line in the log.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode, Uri};
use problem::{Code, Language, Problem, codes};
use telemetry::http::{Access, Endpoint, InProgress, access};
use telemetry::{Context, Entered};

use crate::Refusal;
use crate::edge::Edge;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const DEADLINE: HeaderName = HeaderName::from_static("x-request-deadline-ms");

/// The series of one worker, resolved once per route.
pub(crate) struct Series {
    in_progress: InProgress,
    endpoints: RefCell<HashMap<String, Rc<Endpoint>>>,
}

impl Series {
    pub(crate) fn new() -> Self {
        Self { in_progress: InProgress::new(), endpoints: RefCell::default() }
    }

    fn endpoint(&self, route: &str) -> Rc<Endpoint> {
        let mut endpoints = self.endpoints.borrow_mut();
        if let Some(endpoint) = endpoints.get(route) {
            return endpoint.clone();
        }
        let endpoint = Rc::new(Endpoint::new(route));
        endpoints.insert(route.to_owned(), endpoint.clone());
        endpoint
    }
}

/// A request from its head to its end. Dropped before that, it was given up by its caller.
pub(crate) struct Account {
    edge: Arc<Edge>,
    series: Rc<Series>,
    pub(crate) entered: Entered,
    started: Instant,
    /// How long the caller will still wait, as it says itself.
    pub(crate) rest: Option<Duration>,
    method: Method,
    uri: Uri,
    languages: Option<HeaderValue>,
    request_id: Option<HeaderValue>,
    open: bool,
}

impl Account {
    pub(crate) fn open(edge: &Arc<Edge>, series: &Rc<Series>, request: &ServiceRequest) -> Self {
        let text = |name: &HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
        let request_id = text(&REQUEST_ID);
        let started = Instant::now();
        let rest = text(&DEADLINE).and_then(|millis| millis.parse().ok()).map(Duration::from_millis);
        let mut context = Context::of_headers(request_id, text(&TRACEPARENT));
        context.deadline = rest.and_then(|rest| started.checked_add(rest));
        let entered = context.enter();
        let kept = request_id.is_some_and(|id| id == entered.request_id());
        series.in_progress.started();
        Self {
            edge: edge.clone(),
            series: series.clone(),
            started,
            rest,
            method: request.method().clone(),
            uri: request.uri().clone(),
            languages: request.headers().get(header::ACCEPT_LANGUAGE).cloned(),
            request_id: request.headers().get(REQUEST_ID).filter(|_| kept).cloned(),
            entered,
            open: true,
        }
    }

    /// Ends with what the application answered.
    pub(crate) fn answered(mut self, response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        let route = response.request().match_pattern().map_or(Cow::Borrowed("unmatched"), Cow::Owned);
        let mut response = match refusal(response.response()) {
            None => {
                self.close(&route, response.status(), None);
                response
            }
            Some(found) => {
                let problem = found.problem();
                let route = if route == "unmatched" { self.known_route() } else { route };
                let rendered = self.rendered(problem);
                self.close(&route, rendered.status(), Some(problem));
                response.into_response(rendered)
            }
        };
        self.dress(response.headers_mut());
        response
    }

    /// Ends with a refusal that the application did not live to give, or was not asked for.
    pub(crate) fn refused(mut self, problem: &Problem) -> actix_web::Error {
        let mut rendered = self.rendered(problem);
        let route = self.known_route().into_owned();
        self.close(&route, rendered.status(), Some(problem));
        self.dress(rendered.headers_mut());
        actix_web::error::InternalError::from_response("refused", rendered).into()
    }

    fn known_route(&self) -> Cow<'static, str> {
        let template = self.edge.routes.template(self.uri.path());
        template.map_or(Cow::Borrowed("unmatched"), |template| Cow::Owned(template.to_owned()))
    }

    fn rendered(&self, problem: &Problem) -> HttpResponse {
        let languages = self.languages.as_ref().and_then(|languages| languages.to_str().ok());
        let rendered = problem.render(Language::negotiate(languages), self.entered.request_id(), self.uri.path());
        let status = StatusCode::from_u16(rendered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        for header in &rendered.headers {
            response.append_header((header.0, header.1.as_str()));
        }
        response.body(rendered.body)
    }

    fn dress(&self, headers: &mut HeaderMap) {
        let id = || HeaderValue::from_str(self.entered.request_id()).ok();
        if let Some(id) = self.request_id.clone().or_else(id) {
            headers.insert(REQUEST_ID, id);
        }
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }

    fn close(&mut self, route: &str, status: StatusCode, problem: Option<&Problem>) {
        self.open = false;
        self.series.in_progress.ended();
        let took = self.started.elapsed();
        self.series.endpoint(route).answered(status.as_u16(), took);
        let code = problem.map(|problem| [("code", problem.code().code)]);
        access(&Access {
            entered: &self.entered,
            method: self.method.as_str(),
            route,
            status: status.as_u16(),
            took,
            error: problem.filter(|_| status.is_server_error()).map(|problem| problem as &dyn std::fmt::Display),
            fields: code.as_ref().map_or(&[], |code| code.as_slice()),
            quiet: !route.starts_with("/api/") && route != "unmatched",
        });
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        if self.open {
            // 499: the caller hung up. Not a status that anybody sees, but the usual one in logs.
            let route = self.known_route().into_owned();
            self.close(&route, StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST), None);
        }
    }
}

/// A refusal found in an answer: ours, or one of actix's own.
enum Found<'r> {
    Ours(&'r Problem),
    Foreign(Problem),
}

impl Found<'_> {
    fn problem(&self) -> &Problem {
        match self {
            Self::Ours(problem) => problem,
            Self::Foreign(problem) => problem,
        }
    }
}

fn refusal(response: &HttpResponse) -> Option<Found<'_>> {
    if let Some(error) = response.error() {
        return Some(match error.as_error::<Refusal>() {
            Some(Refusal(problem)) => Found::Ours(problem),
            None => Found::Foreign(foreign(response.status()).because(error.to_string())),
        });
    }
    let status = response.status();
    let bare = (status.is_client_error() || status.is_server_error())
        && !response.headers().contains_key(header::CONTENT_TYPE);
    bare.then(|| Found::Foreign(foreign(status)))
}

/// The problem that a bare status stands for.
pub(crate) fn foreign(status: StatusCode) -> Problem {
    let same = |code: &&&'static Code| code.status == status.as_u16();
    let general: &'static Code = if status.is_client_error() { &codes::MALFORMED } else { &codes::INTERNAL };
    Problem::new(codes::ALL.iter().find(same).copied().unwrap_or(general))
}
