//! To the service and back: the head made anew, one safe second try, nothing after the deadline.

use http::header::{CONNECTION, HOST, TRANSFER_ENCODING, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use problem::{Problem, codes};

use super::Facts;
use super::account::{REQUEST_ID, TRACEPARENT};
use crate::client::Client;
use crate::codes::{BAD_FRAMING, REQUEST_TIMEOUT};
use crate::table::Route;
use crate::upstream::{Lease, Link, Outcome, Streamed, Unsent};
use crate::wire::{Fate, Inbound, Pulse, within};

const DEADLINE_MS: HeaderName = HeaderName::from_static("x-request-deadline-ms");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// A connection idle for longer (in ticks) may be closed by the other side just now: then a copy is worth its cost.
const STALE: u32 = 10;
/// Tries until nothing more is expected of a service: one, one more where that is safe, one on a new connection.
const TRIES: u32 = 3;
/// A service that takes more than this share of its deadline is not well.
const SLOW: u32 = 10;

/// Why there is no answer.
enum Failure {
    /// No connection.
    Unreachable(std::io::Error),
    /// The connection failed after the request was sent.
    Broken(hyper::Error),
}

/// What goes to a service beside the head and the body.
pub(crate) struct Going<'a> {
    pub(crate) route: &'a Route,
    pub(crate) facts: &'a Facts,
    pub(crate) client: &'a Client,
    pub(crate) pulse: &'a Pulse,
}

/// Sends the request over a connection of `lease`, and answers as soon as the head of its answer is there.
pub(crate) async fn forward(
    going: Going<'_>,
    mut lease: Lease,
    head: Parts,
    body: Inbound,
) -> Result<Response<Streamed>, Problem> {
    let fate = body.fate();
    let request = Request::from_parts(anew(head, &going), body);
    let called = within(going.pulse, call(&mut lease, request)).await;
    let fate = fate.map_or(Fate::Whole, |fate| fate.get());
    let slow = going.facts.started.elapsed() > going.route.deadline / SLOW;
    lease.record(outcome(&called, fate, slow));
    match called {
        Ok(Ok(answer)) => {
            let (head, body) = answer.into_parts();
            Ok(Response::from_parts(head, Streamed::new(body, lease)))
        }
        Ok(Err(failure)) => Err(refusal(failure, fate, going.route.body_cap)),
        Err(_) if fate == Fate::Open => Err(Problem::new(&REQUEST_TIMEOUT).header("connection", "close")),
        Err(_) => Err(Problem::new(&codes::TIMEOUT).because(format!("no answer in {:?}", going.route.deadline))),
    }
}

/// A copy of a request that may be sent again: doing it twice is the same as once.
fn copied(request: &Request<Inbound>) -> Option<Request<Inbound>> {
    let method = request.method();
    if !(method.is_safe() || *method == Method::PUT || *method == Method::DELETE) {
        return None;
    }
    let mut copy = Request::new(request.body().copied()?);
    *copy.method_mut() = method.clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    Some(copy)
}

async fn call(lease: &mut Lease, mut request: Request<Inbound>) -> Result<Response<Incoming>, Failure> {
    let mut tries = 1;
    loop {
        let (mut link, idle_for) = match lease.take_idle() {
            Some((link, idle_for)) => (link, idle_for),
            None => match Link::open(&lease.instance().address).await {
                Ok(link) => (link, 0),
                Err(_) if tries < TRIES && lease.move_on() => {
                    tries += 1;
                    continue;
                }
                Err(error) => return Err(Failure::Unreachable(error)),
            },
        };
        request.headers_mut().insert(HOST, lease.instance().host.clone());
        let worth_a_copy = tries == 1 && (idle_for > STALE || lease.has_others());
        let copy = if worth_a_copy { copied(&request) } else { None };
        match link.send(request).await {
            Ok(answer) => {
                lease.hold(link);
                return Ok(answer);
            }
            Err(Unsent::Whole(unsent)) if tries < TRIES => {
                lease.instance().forget_idle();
                request = *unsent;
            }
            Err(Unsent::Whole(_)) => return Err(Failure::Unreachable(std::io::ErrorKind::ConnectionReset.into())),
            Err(Unsent::Lost(error)) => match copy {
                Some(copy) if lease.may_retry() => {
                    lease.instance().forget_idle();
                    lease.move_on();
                    request = copy;
                }
                _ => return Err(Failure::Broken(error)),
            },
        }
        tries += 1;
    }
}

fn outcome<E>(called: &Result<Result<Response<Incoming>, Failure>, E>, fate: Fate, slow: bool) -> Outcome {
    match called {
        // A 503 is a service that says no by itself: it does not need to be left alone as well.
        Ok(Ok(answer)) => match answer.status() {
            StatusCode::INTERNAL_SERVER_ERROR | StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => Outcome::Badly,
            _ if slow && fate == Fate::Whole => Outcome::Badly,
            _ => Outcome::Well,
        },
        _ if fate == Fate::TooLarge || fate == Fate::Broken => Outcome::Unknown,
        Err(_) if fate == Fate::Open => Outcome::Unknown,
        _ => Outcome::Badly,
    }
}

fn refusal(failure: Failure, fate: Fate, cap: u64) -> Problem {
    match (fate, failure) {
        (Fate::TooLarge, _) => Problem::new(&codes::TOO_LARGE).with("limit", cap),
        (Fate::Broken, _) => Problem::new(&BAD_FRAMING).header("connection", "close"),
        (_, Failure::Unreachable(error)) => Problem::new(&codes::UNAVAILABLE).header("retry-after", 1).because(error),
        (_, Failure::Broken(error)) => Problem::new(&codes::BAD_GATEWAY).because(error),
    }
}

/// The head that the service gets: without what was meant for the gateway or is not the client's to say.
pub(crate) fn anew(mut head: Parts, going: &Going<'_>) -> Parts {
    hop_by_hop(&mut head.headers);
    let stripped: Vec<HeaderName> = head.headers.keys().filter(|name| is_not_theirs(name.as_str())).cloned().collect();
    stripped.iter().for_each(|name| drop(head.headers.remove(name)));
    plain_conditions(&mut head.headers);
    head.headers.insert(REQUEST_ID, going.facts.request_id.clone());
    if let Ok(traceparent) = HeaderValue::try_from(going.facts.trace().traceparent()) {
        head.headers.insert(TRACEPARENT, traceparent);
    }
    head.headers.insert(FORWARDED_FOR, going.client.forwarded_for());
    head.headers.insert(DEADLINE_MS, going.route.deadline_ms.clone());
    head.method = going.route.method.clone();
    head.version = Version::HTTP_11;
    head.extensions.clear();
    head
}

/// Takes out what is between the client and the gateway, and what the client declares to be so.
pub(super) fn hop_by_hop(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        let listed = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
        let listed: Vec<HeaderName> = listed
            .flat_map(|value| value.split(','))
            .filter(|name| {
                !name.trim().eq_ignore_ascii_case("keep-alive") && !name.trim().eq_ignore_ascii_case("close")
            })
            .filter_map(|name| name.trim().parse().ok())
            .collect();
        listed.iter().for_each(|name| drop(headers.remove(name)));
        headers.remove(CONNECTION);
    }
    headers.remove(TRANSFER_ENCODING);
    headers.remove(UPGRADE);
}

/// Whether a header is not a client's to send to a service: about itself, about the way, or about the connection.
pub(super) fn is_not_theirs(name: &str) -> bool {
    let spoofed = |rest: &str| {
        matches!(rest, "real-ip" | "client-ip" | "original-url" | "rewrite-url" | "request-deadline-ms")
            || ["forwarded-", "user-", "internal-", "http-method", "method-override"]
                .iter()
                .any(|p| rest.starts_with(p))
    };
    match name.as_bytes().first() {
        Some(b'x') => name.strip_prefix("x-").is_some_and(spoofed) || name.contains('_'),
        Some(b'k') => name == "keep-alive" || name.contains('_'),
        Some(b'p') => name.starts_with("proxy-") || name.contains('_'),
        Some(b't') => matches!(name, "te" | "trailer") || name.contains('_'),
        Some(b'e') => name == "expect" || name.contains('_'),
        Some(b'f') => name == "forwarded" || name.contains('_'),
        _ => name.contains('_'),
    }
}

/// Gives entity tags of zipped answers back as the service knows them.
fn plain_conditions(headers: &mut HeaderMap) {
    for name in [http::header::IF_MATCH, http::header::IF_NONE_MATCH] {
        let plain = headers.get(&name).and_then(|value| value.to_str().ok()).and_then(crate::compress::plain_etags);
        if let Some(Ok(plain)) = plain.map(|plain| HeaderValue::from_str(&plain)) {
            headers.insert(name, plain);
        }
    }
}
