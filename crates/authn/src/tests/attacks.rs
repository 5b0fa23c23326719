//! Every way of passing off a token that is not one. Each must be 401 and name the challenge.

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::forge::{Forge, b64, claims, header, merged, message, now};
use crate::Verifier;

#[track_caller]
fn refused(verifier: &Verifier, what: &str, token: &str) {
    let problem = verifier.verify(token, now()).expect_err(what);
    assert_eq!(problem.status(), 401, "{what}");
    let challenge = problem.headers().iter().find(|(name, _)| *name == "www-authenticate");
    assert_eq!(challenge.unwrap().1, "Bearer error=\"invalid_token\"", "{what}");
}

#[test]
fn a_token_without_a_signature_is_refused_however_none_is_spelt() {
    let (forge, verifier) = (Forge::new(), Forge::verifier);
    let verifier = verifier(&forge);
    for alg in ["none", "None", "NONE", "nOnE"] {
        let message = message(&merged(header(), json!({"alg": alg})), &claims());
        refused(&verifier, alg, &format!("{message}."));
        refused(&verifier, alg, &format!("{message}.{}", forge.sign_es(&message)));
    }
    let message = message(&header(), &claims());
    refused(&verifier, "an empty signature", &format!("{message}."));
    refused(&verifier, "no signature", &message);
}

#[test]
fn the_public_key_is_not_a_secret_to_sign_with() {
    let (forge, point) = (Forge::new(), Forge::es_public);
    let verifier = forge.verifier();
    let jwk = serde_json::to_vec(&forge.published().keys[0]).unwrap();
    for secret in [point(&forge), point(&forge)[1..].to_vec(), jwk, forge.published().keys[0].x.clone().into_bytes()] {
        let message = message(&merged(header(), json!({"alg": "HS256"})), &claims());
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        refused(&verifier, "HS256", &format!("{message}.{}", b64(hmac::sign(&key, message.as_bytes()))));
    }
}

#[test]
fn the_algorithm_is_the_keys_and_not_the_tokens_word() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    for alg in ["RS256", "PS256", "ES384", "ES512", "EdDSA", "Ed25519", "es256", ""] {
        refused(&verifier, alg, &forge.headed(json!({"alg": alg})));
    }
    for (alg, kid) in [("ES256", "ed"), ("EdDSA", "es"), ("Ed25519", "es")] {
        let message = message(&json!({"alg": alg, "kid": kid, "typ": "at+jwt"}), &claims());
        refused(&verifier, "a key of the other kind", &format!("{message}.{}", forge.sign_ed(&message)));
        refused(&verifier, "a key of the other kind", &format!("{message}.{}", forge.sign_es(&message)));
    }
}

#[test]
fn a_key_id_is_only_ever_looked_up() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    let long = "k".repeat(1024 * 1024);
    for kid in ["../../../../etc/passwd", "' OR 1=1 --", "http://127.0.0.1:1/jwks", "", "unknown", "ES", &long] {
        refused(&verifier, "a strange kid", &forge.headed(json!({"kid": kid})));
    }
    for kid in [Value::Null, json!(1), json!(["es"]), json!({"es": 1})] {
        refused(&verifier, "a kid that is no text", &forge.headed(json!({"kid": kid})));
    }
}

#[test]
fn a_header_that_brings_its_own_key_or_conditions_is_refused() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    let jwk = serde_json::to_value(&forge.published().keys[0]).unwrap();
    for more in [
        json!({"jku": "http://127.0.0.1:1/jwks"}),
        json!({"x5u": "http://127.0.0.1:1/cert"}),
        json!({"jwk": jwk}),
        json!({"x5c": ["AAAA"]}),
        json!({"crit": ["exp"], "exp": 1}),
        json!({"b64": false}),
        json!({"zip": "DEF"}),
    ] {
        refused(&verifier, &more.to_string(), &forge.headed(more));
    }
}

#[test]
fn another_kind_of_token_is_not_an_access_token() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    for typ in [json!("JWT"), json!("rt+jwt"), json!("svc+jwt"), json!("state+jwt"), json!("AT+JWT"), Value::Null] {
        refused(&verifier, &typ.to_string(), &forge.headed(json!({"typ": typ})));
    }
    for changed in [
        json!({"type": "refresh"}),
        json!({"type": null}),
        json!({"aud": ["other"]}),
        json!({"aud": "fleet"}),
        json!({"aud": ["fleet", "other"]}),
        json!({"aud": null}),
        json!({"iss": "https://evil.example"}),
        json!({"iss": ["https://auth.example.org"]}),
        json!({"iss": null}),
    ] {
        refused(&verifier, &changed.to_string(), &forge.with(changed));
    }
}

#[test]
fn a_date_is_a_whole_number_in_its_bounds() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    let at = now().as_second();
    for changed in [
        json!({"iat": at - 1831, "exp": at - 31}),
        json!({"exp": at + 10 * 365 * 86_400}),
        json!({"exp": at + 1801}),
        json!({"exp": (at + 1800).to_string()}),
        json!({"exp": at as f64 + 1800.0}),
        json!({"exp": i64::MAX}),
        json!({"exp": i64::MAX, "iat": i64::MIN}),
        json!({"exp": i64::MAX, "iat": i64::MAX - 1800}),
        json!({"exp": null}),
        json!({"nbf": at + 31}),
        json!({"nbf": "now"}),
        json!({"iat": at + 31, "exp": at + 1800}),
        json!({"iat": null}),
        json!({"iat": at.to_string()}),
        json!({"auth_time": null}),
    ] {
        refused(&verifier, &changed.to_string(), &forge.with(changed));
    }
}

#[test]
fn no_claim_may_be_left_out_or_be_of_another_type() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    for name in claims().as_object().unwrap().keys() {
        refused(&verifier, name, &forge.with(json!({ name: null })));
        refused(&verifier, name, &forge.with(json!({ name: {} })));
    }
    refused(&verifier, "a role that does not exist", &forge.with(json!({"roles": ["root"]})));
}

#[test]
fn a_payload_changed_after_signing_is_refused() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    let good = forge.good();
    verifier.verify(&good, now()).unwrap();
    let (head, signature) = (good.split('.').next().unwrap(), good.rsplit('.').next().unwrap());
    let raised = b64(merged(claims(), json!({"roles": ["user", "admin"]})).to_string());
    refused(&verifier, "a raised role", &format!("{head}.{raised}.{signature}"));
    refused(&verifier, "a signature cut short", &good[..good.len() - 4]);
    refused(&verifier, "one more part", &format!("{good}.{signature}"));
    refused(&verifier, "padding", &format!("{good}="));
    refused(&verifier, "a space", &format!("{good} "));
    for nonsense in ["", ".", "..", "...", "a.b.c", "\0", "é.é.é"] {
        refused(&verifier, nonsense, nonsense);
    }
}

#[test]
fn a_key_of_another_issuer_signs_nothing_here() {
    let (ours, theirs) = (Forge::new(), Forge::new());
    refused(&ours.verifier(), "another key", &theirs.good());
}
