//! What proves a service, and what it may ask for.

use auth::tokens::rules::{Aimless, Assertion, aim, is_known_scope, proves};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::claims_at;

fn now() -> Timestamp {
    Timestamp::constant(1_768_296_600, 0)
}

fn check(changed: Value, good: bool) {
    let what = changed.to_string();
    let names = ["http://auth.test".to_owned(), "http://127.0.0.1:8080/api/v1/auth/token".to_owned()];
    let assertion = serde_json::from_value::<Assertion>(claims_at(now(), "users", changed)).ok();
    let until = assertion.and_then(|assertion| proves(&assertion, "users", &names, now()));
    assert_eq!(until.is_some(), good, "{what}");
}

#[test]
fn an_assertion_is_by_the_service_for_us_and_for_five_minutes_at_most() {
    let at = now().as_second();
    for good in [
        json!({}),
        json!({ "aud": ["http://auth.test"] }),
        json!({ "aud": "http://127.0.0.1:8080/api/v1/auth/token" }),
        json!({ "iat": null }),
        json!({ "iat": at + 30, "nbf": at + 30 }),
        json!({ "exp": at + 330 }),
        json!({ "exp": at - 29 }),
        json!({ "jti": "x".repeat(255) }),
    ] {
        check(good, true);
    }
    for bad in [
        json!({ "iss": "posts" }),
        json!({ "sub": "posts" }),
        json!({ "iss": null }),
        json!({ "sub": null }),
        json!({ "aud": null }),
        json!({ "aud": [] }),
        json!({ "aud": "http://auth.test/" }),
        json!({ "aud": ["http://auth.test", "http://other.test"] }),
        json!({ "aud": ["http://other.test"] }),
        json!({ "exp": null }),
        json!({ "exp": at + 331 }),
        json!({ "exp": at - 30 }),
        json!({ "exp": i64::MAX }),
        json!({ "exp": (at + 60).to_string() }),
        json!({ "iat": at + 31 }),
        json!({ "nbf": at + 31 }),
        json!({ "iat": i64::MIN }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "jti": "x".repeat(256) }),
        json!({ "jti": "a\u{0}b" }),
        json!({ "jti": "a\nb" }),
    ] {
        check(bad, false);
    }
}

#[test]
fn an_assertion_says_until_when_it_has_to_be_remembered() {
    let assertion = serde_json::from_value::<Assertion>(claims_at(now(), "users", json!({}))).unwrap();
    let until = proves(&assertion, "users", &["http://auth.test".to_owned()], now());
    assert_eq!(until, Some(now() + SignedDuration::from_mins(5)));
}

#[test]
fn a_token_is_for_one_service_by_its_name_or_its_address() {
    let api = "https://example.org/api/v1";
    let cases = [
        (Some("users"), None, Ok("users")),
        (None, Some("https://example.org/api/v1/users"), Ok("users")),
        (Some("users"), Some("https://example.org/api/v1/users"), Ok("users")),
        (None, None, Err(Aimless::Missing)),
        (Some("posts"), Some("https://example.org/api/v1/users"), Err(Aimless::Unknown)),
        (None, Some("https://example.org/api/v1users"), Err(Aimless::Unknown)),
        (None, Some("https://evil.example/api/v1/users"), Err(Aimless::Unknown)),
        (None, Some("users"), Err(Aimless::Unknown)),
    ];
    for (audience, resource, expected) in cases {
        assert_eq!(aim(audience, resource, api), expected, "{audience:?} {resource:?}");
    }
}

#[test]
fn a_token_allows_to_call_and_nothing_else_can_be_asked_for() {
    for known in [None, Some(""), Some("api"), Some("api api")] {
        assert!(is_known_scope(known), "{known:?}");
    }
    for unknown in ["admin", "api admin", "API", "api,admin"] {
        assert!(!is_known_scope(Some(unknown)), "{unknown}");
    }
}
