//! A service's answer on its way out: what was between it and the gateway goes, what is large is made smaller.

use http::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, PROXY_AUTHENTICATE, SERVER, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, Method, Response, StatusCode};
use hyper::body::Body;
use problem::{Problem, codes};

use crate::compress;
use crate::upstream::Streamed;
use crate::wire::Outgoing;

/// Whether a header is between two neighbours only, or tells what nobody needs to know.
fn ends_here(name: &HeaderName) -> bool {
    match *name {
        CONNECTION | TE | TRAILER | TRANSFER_ENCODING | UPGRADE | SERVER | PROXY_AUTHENTICATE => true,
        _ => matches!(name.as_str(), "keep-alive" | "proxy-connection" | "x-powered-by"),
    }
}

/// Whether an answer says in one way where it ends.
fn is_framed_once(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => true,
        (Some(coding), None) => {
            coding.as_bytes().eq_ignore_ascii_case(b"chunked") && !headers.contains_key(CONTENT_LENGTH)
        }
        _ => false,
    }
}

/// The answer as the client gets it. A failure that does not explain itself is replaced by a refusal that does.
pub(crate) fn answer(from: Response<Streamed>, method: &Method, zip: bool) -> Result<Response<Outgoing>, Problem> {
    let (mut head, body) = from.into_parts();
    let explained = || head.headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
    if head.status.is_server_error() && !explained() {
        let code =
            if head.status == StatusCode::SERVICE_UNAVAILABLE { &codes::UNAVAILABLE } else { &codes::BAD_GATEWAY };
        let why = format!("the service answered {} and did not say why", head.status.as_u16());
        let refusal = Problem::new(code).because(why);
        return Err(if code.status == 503 { refusal.header("retry-after", 1) } else { refusal });
    }
    if !is_framed_once(&head.headers) {
        return Err(Problem::new(&codes::BAD_GATEWAY).because("the answer says its length in two ways"));
    }
    let ending: Vec<HeaderName> = head.headers.keys().filter(|name| ends_here(name)).cloned().collect();
    ending.iter().for_each(|name| drop(head.headers.remove(name)));
    head.version = http::Version::HTTP_11;
    let known = body.size_hint().exact();
    let zipped = zip && *method != Method::HEAD && !body.is_end_stream() && compress::worthwhile(&head.headers, known);
    let body = Outgoing::streamed(body);
    if zipped {
        compress::mark(&mut head.headers);
        return Ok(Response::from_parts(head, body.zipped()));
    }
    Ok(Response::from_parts(head, body))
}
