//! What services sign with their own keys.

use serde_json::{Value, json};
use settings::Reader;

use super::forge::{Forge, b64, merged};
use crate::{JwkSet, ServiceKey, ServiceKeys};

const TYP: &str = "receipt+jwt";

fn key(service: &str) -> ServiceKey {
    ServiceKey::of(service, &ServiceKey::draw().unwrap()).unwrap()
}

fn known(keys: &[&ServiceKey]) -> ServiceKeys {
    ServiceKeys::of(JwkSet { keys: keys.iter().filter_map(|key| key.public()).collect() }).unwrap()
}

/// What was signed, with another header.
fn headed(proof: &str, changed: Value) -> String {
    let rest = proof.split_once('.').unwrap().1;
    let header = merged(json!({ "alg": "ES256", "kid": "posts", "typ": TYP }), changed);
    format!("{}.{rest}", b64(header.to_string()))
}

#[test]
fn what_a_service_signed_says_which_one_and_what() {
    let (posts, users) = (key("posts"), key("users"));
    let keys = known(&[&posts, &users]);
    for own in [&posts, &users] {
        let proof = own.sign(TYP, &json!({ "rows": 7 })).unwrap();
        let (service, claims) = keys.verify::<Value>(&proof, TYP).unwrap();
        assert_eq!((service.as_str(), claims), (own.service(), json!({ "rows": 7 })));
    }
    assert!(keys.has("posts") && !keys.has("rise"));
}

#[test]
fn a_service_does_not_sign_in_the_name_of_another() {
    let (posts, users, stranger) = (key("posts"), key("users"), key("posts"));
    let keys = known(&[&posts, &users]);
    let proof = users.sign(TYP, &json!({})).unwrap();
    let forged = [
        headed(&proof, json!({})),
        stranger.sign(TYP, &json!({})).unwrap(),
        key("rise").sign(TYP, &json!({})).unwrap(),
    ];
    for proof in forged {
        assert!(keys.verify::<Value>(&proof, TYP).is_err(), "{proof}");
    }
}

#[test]
fn a_proof_of_one_kind_is_none_of_another() {
    let posts = key("posts");
    let keys = known(&[&posts]);
    let proof = posts.sign(TYP, &json!({})).unwrap();
    for typ in ["JWT", "client-authentication+jwt", "RECEIPT+JWT", ""] {
        assert!(keys.verify::<Value>(&proof, typ).is_err(), "{typ}");
        assert!(keys.verify::<Value>(&headed(&proof, json!({ "typ": typ })), typ).is_err(), "{typ}");
    }
    let more = [
        json!({ "alg": "none" }),
        json!({ "alg": "HS256" }),
        json!({ "jku": "http://127.0.0.1:1" }),
        json!({ "kid": null }),
    ];
    for changed in more {
        assert!(keys.verify::<Value>(&headed(&proof, changed.clone()), TYP).is_err(), "{changed}");
    }
    let forge = Forge::new();
    assert!(keys.verify::<Value>(&forge.good(), "at+jwt").is_err(), "auth's own keys are no service's");
}

#[test]
fn a_key_is_read_from_the_environment_or_said_to_be_missing() {
    let text = ServiceKey::draw().unwrap();
    let read = |value: &str| Reader::from_pairs([("SERVICE_KEY", value)]).load(|env| ServiceKey::read(env, "posts"));
    let own = read(&format!("{}\n{}", &text[..64], &text[64..])).unwrap();
    let keys = known(&[&ServiceKey::of("posts", &text).unwrap()]);
    keys.verify::<Value>(&own.sign(TYP, &json!({})).unwrap(), TYP).unwrap();
    for wrong in ["", "abc", "AAAA", &text[..text.len() - 8]] {
        let report = read(wrong).map(drop).unwrap_err().to_string();
        assert!(report.contains("SERVICE_KEY") && (wrong.is_empty() || !report.contains(wrong)), "{report}");
    }
}

#[test]
fn auth_is_told_of_all_keys_by_a_key_set() {
    let posts = key("posts");
    let set = serde_json::to_string(&JwkSet { keys: vec![posts.public().unwrap()] }).unwrap();
    let read = |value: &str| Reader::from_pairs([("AUTH_SERVICE_KEYS", value)]).load(ServiceKeys::read);
    let keys = read(&set).unwrap();
    keys.verify::<Value>(&posts.sign(TYP, &json!({})).unwrap(), TYP).unwrap();
    for wrong in ["", "{}", "[]", r#"{"keys": []}"#, &set.replace("ES256", "RS256")] {
        let report = read(wrong).map(drop).unwrap_err().to_string();
        assert!(report.contains("AUTH_SERVICE_KEYS"), "{report}");
    }
}

#[test]
fn a_service_without_a_key_signs_nothing() {
    let mut env = Reader::from_pairs([("NOTHING", "here")]);
    let none = ServiceKey::read(&mut env, "posts");
    assert!(none.sign(TYP, &json!({})).is_err() && none.public().is_none());
}
