//! What a token costs: to sign, to verify, to look up again, to revoke; beside the bare signature of the same library.

use std::hint::black_box;
use std::time::{Duration, Instant};

use auth::keys::{Keyring, make};
use auth::secrets::Secrets;
use authn::{Algorithm, Claims, ServiceClaims, ServiceKey, ServiceKeys, Verifier};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use contracts::auth::SessionRevoked;
use contracts::{Role, SessionId, Tier, TokenId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use crate::report::Report;

const ISSUER: &str = "http://127.0.0.1:8080";
const EACH: Duration = Duration::from_secs(1);
/// Revocations that are known already when another one comes.
const KNOWN: u128 = 10_000;

fn now() -> Timestamp {
    Timestamp::constant(1_768_296_600, 0)
}

/// How often in a second, on one core.
fn per_second<R>(mut work: impl FnMut() -> R) -> f64 {
    let (begun, mut times) = (Instant::now(), 0_u32);
    while begun.elapsed() < EACH {
        for _ in 0..16 {
            let _ = black_box(work());
        }
        times += 16;
    }
    f64::from(times) / begun.elapsed().as_secs_f64()
}

/// Each figure, and its ratio to the bare signature.
pub fn measure(report: &mut Report) {
    let secrets = Secrets::new(&"a secret of forty characters, for figures".to_owned().into());
    let keyring = Keyring::default();
    let row = make::key(Algorithm::Es256, &secrets, true, now()).unwrap();
    let verifier = Verifier::with_keys(ISSUER, keyring.load(&[row], &secrets).unwrap());
    let token = keyring.sign(&claims()).unwrap();
    let bare = bare(token.len());

    report.figure("ES256 bare: signatures a second", bare.signed, "/s");
    report.figure("ES256 bare: verified a second", bare.verified, "/s");
    let minted = per_second(|| keyring.sign(black_box(&claims())));
    report.figure("access tokens signed a second", minted, "/s");
    report.at_least("access tokens signed, to the bare signature", minted / bare.signed, "", 0.2);
    let cold = per_second(|| verifier.verify_uncached(black_box(&token), now()));
    report.figure("access tokens verified a second, seen for the first time", cold, "/s");
    report.at_least("access tokens verified, to the bare verification", cold / bare.verified, "", 0.7);
    let warm = per_second(|| verifier.verify(black_box(&token), now()));
    report.figure("access tokens verified a second, seen before", warm, "/s");
    report.at_least("access tokens seen before, to those that were not", warm / cold, "", 20.0);
    of_services(report, &keyring, &verifier);
    let refreshed = per_second(|| secrets.refresh_token(b"salt", 7).digest());
    report.figure("refresh tokens computed and hashed a second", refreshed, "/s");
    let revoked = revocations(&verifier);
    report.figure("revocations taken a second, with 10,000 to 20,000 known", revoked, "/s");
    let beside = per_second(|| verifier.verify(black_box(&token), now()));
    report.at_least("access tokens seen before, with 20,000 revocations to without", beside / warm, "", 0.7);
}

/// What services show, and what they prove themselves with.
fn of_services(report: &mut Report, keyring: &Keyring, verifier: &Verifier) {
    let claims = ServiceClaims {
        iss: ISSUER.into(),
        sub: "posts".into(),
        aud: vec!["users".into()],
        iat: now().as_second(),
        exp: now().as_second() + 300,
        jti: TokenId(Uuid::from_u128(1)),
        client_id: "posts".into(),
        scope: "api".into(),
    };
    let token = keyring.sign_service(&claims).unwrap();
    let verified = per_second(|| verifier.verify_service(black_box(&token), "users", now()));
    report.figure("service tokens verified a second", verified, "/s");
    let key = ServiceKey::of("posts", &ServiceKey::draw().unwrap()).unwrap();
    let keys = ServiceKeys::of(authn::JwkSet { keys: key.public().into_iter().collect() }).unwrap();
    let claims = json!({ "iss": "posts", "sub": "posts", "aud": ISSUER, "exp": 1, "jti": "1" });
    let signed = per_second(|| key.sign("client-authentication+jwt", black_box(&claims)));
    report.figure("assertions signed a second", signed, "/s");
    let proof = key.sign("client-authentication+jwt", &claims).unwrap();
    let read = || keys.verify::<serde_json::Value>(black_box(&proof), "client-authentication+jwt");
    let verified = per_second(read);
    report.figure("assertions verified a second", verified, "/s");
}

/// So many more than are known already, one by one, as the bus brings them.
fn revocations(verifier: &Verifier) -> f64 {
    let revoke = |n: u128| {
        let event = SessionRevoked {
            sid: Some(SessionId(Uuid::from_u128(n))),
            jti: None,
            user_id: None,
            not_before: None,
            revoked_at: now(),
            exp: now() + SignedDuration::from_mins(30),
        };
        verifier.revoke(&event, now());
    };
    (0..KNOWN).for_each(revoke);
    let begun = Instant::now();
    (KNOWN..2 * KNOWN).for_each(revoke);
    KNOWN as f64 / begun.elapsed().as_secs_f64()
}

struct Bare {
    signed: f64,
    verified: f64,
}

/// Signing and verifying a text that is as long as a token, and nothing else.
fn bare(length: usize) -> Bare {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let (text, random) = ("x".repeat(length), SystemRandom::new());
    let signed = per_second(|| pair.sign(&random, black_box(text.as_bytes())));
    let signature = pair.sign(&random, text.as_bytes()).unwrap();
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref());
    let verified = per_second(|| public.verify(black_box(text.as_bytes()), signature.as_ref()));
    Bare { signed, verified }
}

fn claims() -> Claims {
    Claims {
        iss: ISSUER.into(),
        sub: UserId(Uuid::from_u128(1)),
        aud: vec![authn::AUDIENCE.into()],
        iat: now().as_second(),
        exp: now().as_second() + 1800,
        nbf: None,
        jti: TokenId(Uuid::from_u128(2)),
        sid: SessionId(Uuid::from_u128(u128::MAX)),
        client_id: "jolmood".into(),
        scope: "api".into(),
        roles: [Role::User].into_iter().collect(),
        tier: Tier::Free,
        email_verified: true,
        auth_time: now().as_second(),
        amr: vec!["pwd".into()],
        kind: "access".into(),
    }
}
