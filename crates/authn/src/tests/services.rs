//! Service tokens: what they tell, and that they and access tokens are never taken for each other.

use contracts::auth::SessionRevoked;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::forge::{Forge, claims, header, merged, now, service_claims, token_id};
use crate::{ServiceIdentity, Verifier};

#[track_caller]
fn refused(verifier: &Verifier, what: &str, token: &str) {
    let problem = verifier.verify_service(token, "users", now()).expect_err(what);
    assert_eq!((problem.status(), problem.code().code), (401, "unauthenticated"), "{what}");
}

#[test]
fn a_good_service_token_says_which_service_calls() {
    let forge = Forge::new();
    let who = forge.verifier().verify_service(&forge.service(json!({})), "users", now()).unwrap();
    let (issued_at, expires_at) = (now(), now() + SignedDuration::from_mins(5));
    let expected = ServiceIdentity {
        service: "posts".into(),
        audience: "users".into(),
        scope: "api".into(),
        token: token_id(),
        issued_at,
        expires_at,
    };
    assert_eq!(who, expected);
}

#[test]
fn a_service_token_is_for_one_service_alone() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    for aud in [json!(["posts"]), json!(["fleet"]), json!([]), json!(["users", "posts"]), json!("users"), Value::Null] {
        refused(&verifier, &aud.to_string(), &forge.service(json!({ "aud": aud })));
    }
    let elsewhere = verifier.verify_service(&forge.service(json!({})), "auth", now());
    assert!(elsewhere.is_err());
}

#[test]
fn a_service_token_is_no_access_token_and_an_access_token_is_no_service_token() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    verifier.verify(&forge.service(json!({})), now()).unwrap_err();
    verifier.verify_uncached(&forge.service(json!({})), now()).unwrap_err();
    refused(&verifier, "an access token", &forge.good());
    refused(&verifier, "an access token for a service", &forge.with(json!({ "aud": ["users"] })));
    // All that the other one says, under the own name: the claims of one are not enough for the other.
    let access = forge.token(&header(), &service_claims());
    verifier.verify(&access, now()).unwrap_err();
    let service = forge.token(&merged(header(), json!({ "typ": "svc+jwt" })), &claims());
    refused(&verifier, "the claims of an account", &service);
    for typ in ["JWT", "SVC+JWT", "client-authentication+jwt", ""] {
        let token = forge.token(&merged(header(), json!({ "typ": typ })), &service_claims());
        refused(&verifier, typ, &token);
    }
}

#[test]
fn a_service_token_that_lives_longer_than_five_minutes_is_not_ours() {
    let forge = Forge::new();
    let (verifier, at) = (forge.verifier(), now().as_second());
    for changed in
        [json!({ "exp": at + 301 }), json!({ "exp": at }), json!({ "exp": i64::MAX }), json!({ "iat": null })]
    {
        refused(&verifier, &changed.to_string(), &forge.service(changed.clone()));
    }
    for changed in [json!({ "iss": "https://evil.example" }), json!({ "sub": null }), json!({ "jti": null })] {
        refused(&verifier, &changed.to_string(), &forge.service(changed.clone()));
    }
    let token = forge.service(json!({}));
    let late = verifier.verify_service(&token, "users", now() + SignedDuration::from_secs(330)).unwrap_err();
    assert_eq!(late.code().code, "token_expired");
    verifier.verify_service(&token, "users", now() + SignedDuration::from_secs(329)).unwrap();
}

#[test]
fn a_revoked_service_token_is_refused() {
    let forge = Forge::new();
    let (verifier, token) = (forge.verifier(), forge.service(json!({})));
    let exp = now() + SignedDuration::from_mins(5);
    let event =
        SessionRevoked { sid: None, jti: Some(token_id()), user_id: None, not_before: None, revoked_at: now(), exp };
    verifier.revoke(&event, now());
    let refused = verifier.verify_service(&token, "users", now()).unwrap_err();
    assert_eq!(refused.code().code, "token_revoked");
}
