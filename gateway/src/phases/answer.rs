//! A service's answer on its way out: what was between it and the gateway goes, what is large is made smaller.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use hyper::body::Body;
use problem::{Problem, codes};

use crate::compress;
use crate::upstream::Streamed;
use crate::wire::Outgoing;

/// Whether a header is between two neighbours only, or tells what nobody needs to know.
pub(crate) fn ends_here(name: &[u8]) -> bool {
    let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
    match name.len() {
        2 => is(b"te"),
        6 => is(b"server"),
        7 => is(b"trailer") || is(b"upgrade"),
        10 => is(b"connection") || is(b"keep-alive"),
        12 => is(b"x-powered-by"),
        16 => is(b"proxy-connection"),
        17 => is(b"transfer-encoding"),
        18 => is(b"proxy-authenticate"),
        _ => false,
    }
}

/// Whether content of this kind says what went wrong.
pub(crate) fn is_explained(kind: Option<&[u8]>) -> bool {
    kind == Some(b"application/problem+json")
}

/// The refusal in place of a failure that does not explain itself.
pub(crate) fn unexplained(status: u16, kind: Option<&[u8]>) -> Option<Problem> {
    if status < 500 || is_explained(kind) {
        return None;
    }
    let why = format!("the service answered {status} and did not say why");
    Some(match status {
        503 => Problem::new(&codes::UNAVAILABLE).header("retry-after", 1).because(why),
        _ => Problem::new(&codes::BAD_GATEWAY).because(why),
    })
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
    let kind = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    if let Some(refusal) = unexplained(head.status.as_u16(), kind) {
        return Err(refusal);
    }
    if !is_framed_once(&head.headers) {
        return Err(Problem::new(&codes::BAD_GATEWAY).because("the answer says its length in two ways"));
    }
    let ending: Vec<HeaderName> =
        head.headers.keys().filter(|name| ends_here(name.as_str().as_bytes())).cloned().collect();
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
