//! Tokens by OAuth 2.0.

mod introspect;
mod issue;
mod revoke;
mod rules;

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Call};

use crate::support::TestApp;

pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
pub const TYP: &str = "client-authentication+jwt";

/// What a service says to prove itself, but for these claims; null leaves one out.
pub fn claims_at(now: Timestamp, service: &str, changed: Value) -> Value {
    let (at, jti) = (now.as_second(), uuid::Uuid::new_v4());
    let mut claims = json!({
        "iss": service, "sub": service, "aud": "http://auth.test", "iat": at, "exp": at + 300, "jti": jti,
    });
    for (name, value) in changed.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

/// The same, signed by the service's own key.
pub fn assertion_at(now: Timestamp, service: &str, changed: Value) -> String {
    testkit::service_key(service).sign(TYP, &claims_at(now, service, changed)).unwrap()
}

/// A proof that nobody used yet.
pub fn assertion(app: &TestApp, service: &str) -> String {
    assertion_at(app.clock.now(), service, json!({}))
}

/// A form to this address.
pub fn form(app: &TestApp, path: &str, pairs: &[(&str, &str)]) -> Call {
    app.nobody().call(Method::POST, path).form(pairs)
}

/// A service asks for a token with this proof.
pub fn asks(app: &TestApp, proof: &str, more: &[(&str, &str)]) -> Call {
    let grant =
        [("grant_type", "client_credentials"), ("client_assertion_type", JWT_BEARER), ("client_assertion", proof)];
    form(app, "/auth/token", &[grant.as_slice(), more].concat())
}

/// A token of `service` for `audience`.
pub async fn token(app: &TestApp, service: &str, audience: &str) -> String {
    let answer = asks(app, &assertion(app, service), &[("audience", audience)]).await;
    answer.has_status(200);
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

/// It is this refusal, in the form that OAuth has for it.
#[track_caller]
pub fn denies(answer: &Answer, status: u16, error: &str) {
    answer.has_status(status);
    let json = answer.json();
    assert_eq!(json["error"], error, "{answer:?}");
    let plain = json["error_description"].as_str().unwrap();
    assert!(plain.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'"' && b != b'\\'), "{plain}");
    assert_eq!(json.as_object().unwrap().len(), 2, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), (Some("no-store"), Some("no-cache")));
    assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
}
