//! What every answer carries: headers that browsers obey, the request's id, what is left of the quota.

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, LINK, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue};

use super::forward::REQUEST_ID;
use crate::way::Facts;

const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");

const HSTS: &str = "max-age=31536000; includeSubDomains";
const CSP: &str = "default-src 'none'; frame-ancestors 'none'";
/// What an answer depends on beside its path.
const VARIES: &str = "origin, accept-encoding, accept-language";

/// The same for every answer, also to a head that could not be read.
pub(crate) const ALWAYS: [(&str, &str); 4] = [
    ("strict-transport-security", HSTS),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("content-security-policy", CSP),
];

/// The same as they are written, but for a page's own policy.
const WRITTEN: &[u8] = b"strict-transport-security: max-age=31536000; includeSubDomains\r\n\
    x-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n\
    vary: origin, accept-encoding, accept-language\r\nx-request-id: ";

/// What an answer says of itself, and what is then not added.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Own {
    /// Its `Content-Security-Policy`.
    pub(crate) policy: bool,
    /// Its `Cache-Control`.
    pub(crate) caching: bool,
}

/// Whether this header is always the gateway's to say.
pub(crate) fn is_ours(name: &[u8]) -> bool {
    let one_of = |names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()));
    match name.len() {
        4 => one_of(&["vary"]),
        9 => one_of(&["ratelimit"]),
        12 => one_of(&["x-request-id"]),
        15 => one_of(&["referrer-policy"]),
        16 => one_of(&["ratelimit-policy"]),
        22 => one_of(&["x-content-type-options"]),
        25 => one_of(&["strict-transport-security"]),
        _ => false,
    }
}

/// Completes the headers of an answer. A page's own policy stands.
pub(crate) fn secure(answer: &mut HeaderMap, facts: &Facts) {
    let fixed = HeaderValue::from_static;
    answer.insert(STRICT_TRANSPORT_SECURITY, fixed(HSTS));
    answer.insert(X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    answer.insert(REFERRER_POLICY, fixed("no-referrer"));
    answer.entry(CONTENT_SECURITY_POLICY).or_insert(fixed(CSP));
    if facts.caller.is_some() {
        answer.entry(CACHE_CONTROL).or_insert(fixed("no-store"));
    }
    if let Ok(id) = HeaderValue::from_str(&facts.context.request_id) {
        answer.insert(REQUEST_ID, id);
    }
    answer.insert(VARY, fixed(VARIES));
    if let Some(quota) = &facts.quota {
        let mut left = Vec::new();
        quota.left(&mut left);
        answer.insert(RATELIMIT_POLICY, fixed(quota.policy()));
        answer.insert(RATELIMIT, HeaderValue::try_from(left).unwrap_or(fixed("")));
    }
    if let Some(Ok(link)) = facts.link().map(HeaderValue::try_from) {
        answer.append(LINK, link);
    }
    for (name, value) in facts.cors.headers().into_iter().flatten() {
        answer.insert(name, value);
    }
}

/// Writes the same for an answer that is written by hand.
pub(crate) fn write_secure(out: &mut Vec<u8>, facts: &Facts, own: Own) {
    out.extend_from_slice(WRITTEN);
    out.extend_from_slice(facts.context.request_id.as_bytes());
    if !own.policy {
        out.extend_from_slice(b"\r\ncontent-security-policy: default-src 'none'; frame-ancestors 'none'");
    }
    if facts.caller.is_some() && !own.caching {
        out.extend_from_slice(b"\r\ncache-control: no-store");
    }
    if let Some(quota) = &facts.quota {
        out.extend_from_slice(b"\r\nratelimit-policy: ");
        out.extend_from_slice(quota.policy().as_bytes());
        out.extend_from_slice(b"\r\nratelimit: ");
        quota.left(out);
    }
    if let Some(link) = facts.link() {
        out.extend_from_slice(b"\r\nlink: ");
        out.extend_from_slice(link.as_bytes());
    }
    for (name, value) in facts.cors.headers().into_iter().flatten() {
        for part in [b"\r\n", name.as_str().as_bytes(), b": ", value.as_bytes()] {
            out.extend_from_slice(part);
        }
    }
    out.extend_from_slice(b"\r\n");
}
