//! Which browsers' pages may call: those of the listed origins, with credentials; nobody else's.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW,
};
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};

use super::Noted;
use crate::table::Place;
use crate::wire::Outgoing;

/// What a page may read of an answer beside its body.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "content-language, etag, idempotent-replayed, link, location, ratelimit, ratelimit-policy, retry-after, \
     www-authenticate, x-request-id",
);
const YES: HeaderValue = HeaderValue::from_static("true");
const TEN_MINUTES: HeaderValue = HeaderValue::from_static("600");

/// Where a request comes from, as its browser says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cors {
    /// From no page, or from one that may not read the answer.
    None,
    /// From a page of this listed origin.
    Listed(HeaderValue),
}

/// Judges the origin by the list.
pub(crate) fn cors(noted: &Noted<'_>, listed: &[HeaderValue]) -> Cors {
    let named = noted.origin.and_then(|origin| listed.iter().find(|one| one.as_bytes() == origin));
    named.map_or(Cors::None, |origin| Cors::Listed(origin.clone()))
}

/// The answer to an `OPTIONS`, which no service ever sees: what a browser asks beforehand, or what works here.
pub(crate) fn preflight(cors: &Cors, place: &Place, noted: &Noted<'_>) -> Response<Outgoing> {
    let mut answer = Response::new(Outgoing::whole(""));
    *answer.status_mut() = StatusCode::NO_CONTENT;
    let headers = answer.headers_mut();
    if let Some(allow) = place.allow_header() {
        headers.insert(ALLOW, allow.clone());
        if matches!(cors, Cors::Listed(_)) && noted.asks_method {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, allow);
            headers.insert(ACCESS_CONTROL_MAX_AGE, TEN_MINUTES);
            if let Some(Ok(asked)) = noted.asks_headers.map(HeaderValue::from_bytes) {
                headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked);
            }
        }
    }
    answer
}

impl Cors {
    /// What lets the page read the answer, if it may.
    pub(crate) fn headers(&self) -> Option<[(HeaderName, HeaderValue); 3]> {
        let Self::Listed(origin) = self else { return None };
        Some([
            (ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone()),
            (ACCESS_CONTROL_ALLOW_CREDENTIALS, YES),
            (ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED),
        ])
    }

    /// Whether this is an `OPTIONS`.
    pub(crate) fn concerns(method: &Method) -> bool {
        *method == Method::OPTIONS
    }
}
