//! Tokens of every kind, good and bad.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contracts::{SessionId, TokenId, UserId};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Jwk, JwkSet, Keys, Verifier};

pub const ISSUER: &str = "https://auth.example.org";

pub fn now() -> Timestamp {
    Timestamp::constant(1_767_225_600, 0)
}

pub fn user() -> UserId {
    UserId(Uuid::from_u128(1))
}

pub fn session() -> SessionId {
    SessionId(Uuid::from_u128(2))
}

pub fn token_id() -> TokenId {
    TokenId(Uuid::from_u128(3))
}

pub fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// An issuer with an ES256 key `es` and an Ed25519 key `ed`.
pub struct Forge {
    es: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

impl Forge {
    pub fn new() -> Self {
        let es = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { es, ed: Ed25519KeyPair::generate().unwrap() }
    }

    /// The point of the ES256 key, uncompressed.
    pub fn es_public(&self) -> Vec<u8> {
        self.es.public_key().as_ref().to_vec()
    }

    pub fn published(&self) -> JwkSet {
        let point = self.es_public();
        let es = Jwk {
            kty: "EC".into(),
            crv: "P-256".into(),
            x: b64(&point[1..33]),
            y: Some(b64(&point[33..])),
            kid: "es".into(),
            alg: "ES256".into(),
            usage: "sig".into(),
        };
        let ed = Jwk {
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            x: b64(self.ed.public_key()),
            y: None,
            kid: "ed".into(),
            alg: "EdDSA".into(),
            usage: "sig".into(),
        };
        JwkSet { keys: vec![es, ed] }
    }

    pub fn verifier(&self) -> Verifier {
        Verifier::with_keys(ISSUER, Keys::of(self.published()).unwrap())
    }

    pub fn sign_es(&self, message: &str) -> String {
        b64(self.es.sign(&SystemRandom::new(), message.as_bytes()).unwrap())
    }

    pub fn sign_ed(&self, message: &str) -> String {
        b64(self.ed.sign(message.as_bytes()))
    }

    /// A token that the ES256 key signed, whatever it says.
    pub fn token(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        format!("{message}.{}", self.sign_es(&message))
    }

    /// A good token.
    pub fn good(&self) -> String {
        self.token(&header(), &claims())
    }

    /// A token that is good but for these claims; null leaves one out.
    pub fn with(&self, changed: Value) -> String {
        self.token(&header(), &merged(claims(), changed))
    }

    /// A good service token, of posts for users, but for these claims; null leaves one out.
    pub fn service(&self, changed: Value) -> String {
        self.token(&merged(header(), json!({ "typ": "svc+jwt" })), &merged(service_claims(), changed))
    }

    /// A token that is good but for these members of its header; null leaves one out.
    pub fn headed(&self, changed: Value) -> String {
        self.token(&merged(header(), changed), &claims())
    }
}

pub fn header() -> Value {
    json!({ "alg": "ES256", "kid": "es", "typ": "at+jwt" })
}

pub fn claims() -> Value {
    let at = now().as_second();
    json!({
        "iss": ISSUER, "sub": user(), "aud": ["fleet"], "iat": at, "exp": at + 1800, "jti": token_id(),
        "sid": session(), "client_id": "web", "scope": "", "roles": ["user"], "tier": "FREE",
        "email_verified": true, "auth_time": at, "amr": ["pwd"], "type": "access",
    })
}

pub fn service_claims() -> Value {
    let at = now().as_second();
    json!({
        "iss": ISSUER, "sub": "posts", "aud": ["users"], "iat": at, "exp": at + 300, "jti": token_id(),
        "client_id": "posts", "scope": "api",
    })
}

pub fn merged(mut whole: Value, changed: Value) -> Value {
    for (name, value) in changed.as_object().unwrap() {
        if value.is_null() {
            whole.as_object_mut().unwrap().remove(name);
        } else {
            whole[name] = value.clone();
        }
    }
    whole
}

pub fn message(header: &Value, claims: &Value) -> String {
    format!("{}.{}", b64(header.to_string()), b64(claims.to_string()))
}
