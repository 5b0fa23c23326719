//! What every answer carries: headers that browsers obey, the request's id, what is left of the quota.

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, Entry, HeaderName, LINK, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue};

use super::forward::REQUEST_ID;
use crate::way::Facts;

const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");

const HSTS: &str = "max-age=31536000; includeSubDomains";
const CSP: &str = "default-src 'none'; frame-ancestors 'none'";

/// The same for every answer, also to a head that could not be read.
pub(crate) const ALWAYS: [(&str, &str); 4] = [
    ("strict-transport-security", HSTS),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("content-security-policy", CSP),
];

const HSTS_VALUE: HeaderValue = HeaderValue::from_static(HSTS);
const CSP_VALUE: HeaderValue = HeaderValue::from_static(CSP);
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// What an answer depends on beside its path.
const VARIES: HeaderValue = HeaderValue::from_static("origin, accept-encoding, accept-language");

/// Completes the headers of an answer. A page's own policy stands.
pub(crate) fn secure(answer: &mut HeaderMap, facts: &mut Facts) {
    answer.insert(STRICT_TRANSPORT_SECURITY, HSTS_VALUE);
    answer.insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    answer.insert(REFERRER_POLICY, NO_REFERRER);
    if let Entry::Vacant(policy) = answer.entry(CONTENT_SECURITY_POLICY) {
        policy.insert(CSP_VALUE);
    }
    if facts.caller.is_some()
        && let Entry::Vacant(caching) = answer.entry(CACHE_CONTROL)
    {
        caching.insert(NO_STORE);
    }
    answer.insert(REQUEST_ID, facts.request_id.clone());
    answer.insert(VARY, VARIES);
    if let Some(quota) = facts.quota.take() {
        let [policy, left] = quota.headers();
        answer.insert(RATELIMIT_POLICY, policy);
        answer.insert(RATELIMIT, left);
    }
    if let Some(canonical) = facts.canonical.take()
        && let Ok(link) = HeaderValue::try_from(format!("<{canonical}>; rel=\"canonical\""))
    {
        answer.append(LINK, link);
    }
    std::mem::replace(&mut facts.cors, super::Cors::None).allow(answer);
}
