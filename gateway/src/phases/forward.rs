//! To the service and back: the head made anew, one safe second try, nothing after the deadline.

use http::header::{CONNECTION, CONTENT_TYPE, HOST, TRANSFER_ENCODING, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri, Version};
use hyper::body::Incoming;
use problem::{Problem, codes};

use super::answer::is_explained;
use super::noted::is_not_theirs;
use crate::codes::{BAD_FRAMING, REQUEST_TIMEOUT};
use crate::table::Route;
use crate::upstream::{Lease, Link, Outcome, Streamed, Unsent};
use crate::way::Way;
use crate::wire::{Expired, Fate, Inbound, within};

/// `X-Request-Id`, in and out.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
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

/// What came of a call within its time.
type Called = Result<Result<Response<Incoming>, Failure>, Expired>;

/// Sends the request to the service of `lease`, and answers as soon as the head of its answer is there.
pub(crate) async fn forward(
    way: &Way,
    mut lease: Lease,
    head: Parts,
    body: Inbound,
) -> Result<Response<Streamed>, Problem> {
    let fate = body.fate();
    let request = Request::from_parts(anew(head, way), body);
    let called = within(&way.pulse, call(&mut lease, request)).await;
    settle(way, lease, called, fate.map_or(Fate::Whole, |fate| fate.get()))
}

/// Notes how the service did, and answers what it answered or why there is nothing.
fn settle(way: &Way, mut lease: Lease, called: Called, fate: Fate) -> Result<Response<Streamed>, Problem> {
    let route = way.route().ok_or_else(|| Problem::new(&codes::NOT_FOUND))?;
    lease.record(outcome(way, &called, fate));
    match called {
        Ok(Ok(answer)) => {
            let (head, body) = answer.into_parts();
            Ok(Response::from_parts(head, Streamed::new(body, lease)))
        }
        Ok(Err(failure)) => Err(refusal(failure, fate, route)),
        Err(Expired) if fate == Fate::Open => Err(Problem::new(&REQUEST_TIMEOUT).header("connection", "close")),
        Err(Expired) => Err(Problem::new(&codes::TIMEOUT).because(format!("no answer in {:?}", route.deadline))),
    }
}

/// Calls the service of `lease`, where that is safe more than once.
async fn call(lease: &mut Lease, mut request: Request<Inbound>) -> Result<Response<Incoming>, Failure> {
    let mut tries = 1;
    loop {
        let (mut link, idle_for) = match lease.take_idle() {
            Some((link, idle_for)) => (link, idle_for),
            None => match Box::pin(Link::open(&lease.instance().address)).await {
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

/// How a service did that answered this status with content of this kind. A 503 is a service that says no by itself, and
/// a 502 or 504 that is explained speaks of somebody whom it asked in turn: it does not need to be left alone as well.
pub(crate) fn outcome_of<'k>(way: &Way, status: u16, kind: impl FnOnce() -> Option<&'k [u8]>) -> Outcome {
    let slow = way.route().is_none_or(|route| way.facts.started.elapsed() > route.deadline / SLOW);
    let failed = status == 500 || matches!(status, 502 | 504) && !is_explained(kind());
    if failed || slow { Outcome::Badly } else { Outcome::Well }
}

fn outcome(way: &Way, called: &Called, fate: Fate) -> Outcome {
    match called {
        Ok(Ok(answer)) if fate == Fate::Whole => {
            let kind = || answer.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
            outcome_of(way, answer.status().as_u16(), kind)
        }
        Ok(Ok(_)) => Outcome::Well,
        _ if fate == Fate::TooLarge || fate == Fate::Broken => Outcome::Unknown,
        Err(_) if fate == Fate::Open => Outcome::Unknown,
        _ => Outcome::Badly,
    }
}

fn refusal(failure: Failure, fate: Fate, route: &Route) -> Problem {
    match (fate, failure) {
        (Fate::TooLarge, _) => Problem::new(&codes::TOO_LARGE).with("limit", route.body_cap),
        (Fate::Broken, _) => Problem::new(&BAD_FRAMING).header("connection", "close"),
        (_, Failure::Unreachable(error)) => Problem::new(&codes::UNAVAILABLE).header("retry-after", 1).because(error),
        (_, Failure::Broken(error)) => Problem::new(&codes::BAD_GATEWAY).because(error),
    }
}

/// The head that the service gets: without what was meant for the gateway or is not the client's to say.
pub(crate) fn anew(mut head: Parts, way: &Way) -> Parts {
    if way.facts.mixed {
        sorted_out(&mut head.headers);
    }
    let ours = [
        (REQUEST_ID, HeaderValue::from_str(&way.facts.context.request_id).ok()),
        (TRACEPARENT, HeaderValue::from_bytes(&way.facts.traceparent).ok()),
        (FORWARDED_FOR, Some(way.client.forwarded_for().clone())),
        (DEADLINE_MS, Some(way.view.endpoint(way.facts.route).deadline_ms.clone())),
    ];
    for (name, value) in ours {
        // In place of what the client said, never beside it.
        head.headers.insert(name, value.unwrap_or(HeaderValue::from_static("")));
    }
    if let Some(route) = way.route() {
        head.method = route.method.clone();
    }
    if let Some(canonical) = &way.facts.canonical {
        head.uri = respelled(canonical, head.uri.query()).unwrap_or(head.uri);
    }
    head.version = Version::HTTP_11;
    head.extensions.clear();
    head
}

/// The canonical path with the caller's query.
fn respelled(canonical: &str, query: Option<&str>) -> Option<Uri> {
    let target = query.map_or_else(|| canonical.to_owned(), |query| format!("{canonical}?{query}"));
    target.parse().ok()
}

/// Takes out what is between the client and the gateway, what the client declares to be so, and what it may not say.
pub(super) fn sorted_out(headers: &mut HeaderMap) {
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
    let stripped: Vec<HeaderName> =
        headers.keys().filter(|name| is_not_theirs(name.as_str().as_bytes())).cloned().collect();
    stripped.iter().for_each(|name| drop(headers.remove(name)));
    for name in [http::header::IF_MATCH, http::header::IF_NONE_MATCH] {
        // Entity tags of zipped answers go back as the service knows them.
        let plain = headers.get(&name).and_then(|value| value.to_str().ok()).and_then(crate::compress::plain_etags);
        if let Some(Ok(plain)) = plain.map(|plain| HeaderValue::from_str(&plain)) {
            headers.insert(name, plain);
        }
    }
}
