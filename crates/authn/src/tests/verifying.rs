//! What a good token tells, and until when.

use contracts::auth::SessionRevoked;
use contracts::{Role, Tier};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::forge::{Forge, ISSUER, claims, message, now, session, token_id, user};
use crate::{JwkSet, Keys, Snapshot, Verifier};

fn later(secs: i64) -> Timestamp {
    now() + SignedDuration::from_secs(secs)
}

fn revocation() -> SessionRevoked {
    SessionRevoked { sid: None, jti: None, user_id: None, not_before: None, revoked_at: now(), exp: later(1800) }
}

#[track_caller]
fn refused(verifier: &Verifier, token: &str, at: Timestamp, code: &str) {
    assert_eq!(verifier.verify(token, at).unwrap_err().code().code, code);
}

#[test]
fn a_good_token_says_who_calls() {
    let forge = Forge::new();
    let who = forge.verifier().verify(&forge.with(json!({"roles": ["user", "coach"]})), now()).unwrap();
    assert_eq!((who.user, who.session, who.token), (user(), session(), token_id()));
    assert!(who.roles.has(Role::Coach) && !who.is_admin());
    assert_eq!((who.tier, who.email_verified), (Tier::Free, true));
    assert_eq!((who.auth_time, who.issued_at, who.expires_at), (now(), now(), later(1800)));
    assert_eq!(who.amr, ["pwd"]);
}

#[test]
fn an_ed25519_token_is_accepted_under_both_names_of_its_algorithm() {
    let forge = Forge::new();
    for alg in ["EdDSA", "Ed25519"] {
        let message = message(&json!({"alg": alg, "kid": "ed", "typ": "at+jwt"}), &claims());
        forge.verifier().verify(&format!("{message}.{}", forge.sign_ed(&message)), now()).unwrap();
    }
}

#[test]
fn clocks_may_differ_by_half_a_minute() {
    let forge = Forge::new();
    let (verifier, token) = (forge.verifier(), forge.good());
    verifier.verify(&token, later(1829)).unwrap();
    refused(&verifier, &token, later(1830), "token_expired");
    verifier.verify(&token, later(-30)).unwrap();
    refused(&verifier, &token, later(-31), "token_expired");
}

#[test]
fn a_remembered_token_expires_like_any_other() {
    let forge = Forge::new();
    let (verifier, token) = (forge.verifier(), forge.good());
    verifier.verify(&token, now()).unwrap();
    refused(&verifier, &token, later(1830), "token_expired");
}

#[test]
fn a_revoked_session_token_or_account_is_refused_at_once_even_when_remembered() {
    let forge = Forge::new();
    for event in [
        SessionRevoked { sid: Some(session()), ..revocation() },
        SessionRevoked { jti: Some(token_id()), ..revocation() },
        SessionRevoked { user_id: Some(user()), not_before: Some(later(1)), ..revocation() },
    ] {
        let (verifier, token) = (forge.verifier(), forge.good());
        let who = verifier.verify(&token, now()).unwrap();
        verifier.revoke(&event, now());
        refused(&verifier, &token, now(), "token_revoked");
        assert!(verifier.verify_uncached(&token, now()).is_err());
        assert!(verifier.still_valid(&who, now()).is_err());
    }
}

#[test]
fn a_revocation_of_an_account_spares_the_tokens_issued_after_it() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    let event = SessionRevoked { user_id: Some(user()), not_before: Some(later(1)), ..revocation() };
    verifier.revoke(&event, now());
    let fresh = forge.with(json!({"iat": later(1).as_second(), "exp": later(1801).as_second()}));
    verifier.verify(&fresh, later(1)).unwrap();
    let older = SessionRevoked { user_id: Some(user()), not_before: Some(later(-60)), ..revocation() };
    verifier.revoke(&older, now());
    refused(&verifier, &forge.good(), later(1), "token_revoked");
}

#[test]
fn a_revocation_dated_by_a_clock_that_travelled_back_blocks_nobody() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    let event = SessionRevoked { user_id: Some(user()), not_before: Some(later(86_400)), ..revocation() };
    verifier.revoke(&event, later(86_400));
    verifier.verify(&forge.good(), now()).unwrap();
}

#[test]
fn a_snapshot_adds_to_what_is_known() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    verifier.revoke(&SessionRevoked { sid: Some(session()), ..revocation() }, now());
    verifier.take_snapshot(&Snapshot { items: Vec::new(), as_of: now() }, now());
    refused(&verifier, &forge.good(), now(), "token_revoked");
}

#[test]
fn revocations_are_forgotten_once_their_tokens_have_expired() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    verifier.revoke(&SessionRevoked { sid: Some(session()), ..revocation() }, now());
    verifier.prune(later(1860));
    refused(&verifier, &forge.good(), now(), "token_revoked");
    verifier.prune(later(1861));
    verifier.verify(&forge.good(), now()).unwrap();
}

#[test]
fn a_key_taken_out_of_the_set_verifies_nothing_more_not_even_what_is_remembered() {
    let (forge, other) = (Forge::new(), Forge::new());
    let (verifier, token) = (forge.verifier(), forge.good());
    verifier.verify(&token, now()).unwrap();
    let generation = verifier.generation();
    verifier.set_keys(Keys::of(forge.published()).unwrap());
    assert_eq!(verifier.generation(), generation, "the same keys");
    verifier.set_keys(Keys::of(other.published()).unwrap());
    assert_ne!(verifier.generation(), generation);
    refused(&verifier, &token, now(), "unauthenticated");
    verifier.verify(&other.good(), now()).unwrap();
}

#[test]
fn keys_of_other_kinds_are_passed_over() {
    let forge = Forge::new();
    let mut published = forge.published();
    for (name, value) in [("use", "enc"), ("alg", "RS256"), ("kty", "RSA"), ("crv", "P-384"), ("kid", "")] {
        let mut changed = serde_json::to_value(&published.keys[0]).unwrap();
        changed[name] = json!(value);
        let only = JwkSet { keys: vec![serde_json::from_value(changed).unwrap()] };
        assert!(Keys::of(only).is_err(), "{name}");
    }
    published.keys[1].alg = "none".into();
    let verifier = Verifier::with_keys(ISSUER, Keys::of(published).unwrap());
    verifier.verify(&forge.good(), now()).unwrap();
}

#[test]
fn without_keys_nobody_is_judged() {
    let forge = Forge::new();
    let url = "http://127.0.0.1:1".parse().unwrap();
    let verifier = Verifier::new(crate::Config { issuer: ISSUER.into(), auth_internal_url: url });
    assert!(!verifier.ready());
    refused(&verifier, &forge.good(), now(), "unavailable");
    verifier.set_keys(Keys::of(forge.published()).unwrap());
    assert!(!verifier.ready(), "what is revoked is not known yet");
    verifier.take_snapshot(&Snapshot { items: Vec::new(), as_of: now() }, now());
    assert!(verifier.ready());
}

#[test]
fn the_memory_for_tokens_is_bounded() {
    let cache = crate::cache::Cache::new();
    let forge = Forge::new();
    let who = forge.verifier().verify(&forge.good(), now()).unwrap();
    for n in 0..20_000 {
        cache.keep(&format!("token{n:08}"), 0, who.clone());
    }
    let kept = (0..20_000).filter(|n| cache.find(&format!("token{n:08}"), 0).is_some()).count();
    assert!((1024..=8192).contains(&kept), "{kept}");
    assert!(cache.find("token00019999", 1).is_none(), "another key set");
}

#[test]
fn a_proof_is_recent_for_ten_minutes_and_says_whether_there_were_two_factors() {
    let forge = Forge::new();
    let who = forge.verifier().verify(&forge.good(), now()).unwrap();
    for (secs, recent) in [(0, true), (599, true), (600, false), (86_400, false), (-29, true), (-3_600, false)] {
        assert_eq!(who.is_recent(later(secs)), recent, "{secs}");
    }
    assert!(!who.has_second_factor());
    let both = forge.verifier().verify(&forge.with(json!({"amr": ["pwd", "otp", "mfa"]})), now()).unwrap();
    assert!(both.has_second_factor());
}
