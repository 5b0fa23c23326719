//! Tokens as auth signs them, with a key of the test's own.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// A key that signs.
pub struct Keys(EcdsaKeyPair);

/// A token about to be signed.
pub struct Token(pub Value);

impl Keys {
    pub fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    /// The key set as auth publishes it.
    pub fn published(&self) -> Value {
        let point = self.0.public_key().as_ref();
        let coordinate = |range| URL_SAFE_NO_PAD.encode(&point[range]);
        json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "test",
            "x": coordinate(1..33), "y": coordinate(33..65),
        }] })
    }

    /// `Bearer …` for this token.
    pub fn bearer(&self, token: &Token) -> String {
        let header = json!({ "alg": "ES256", "kid": "test", "typ": "at+jwt" });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(&token.0));
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("Bearer {message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

impl Token {
    /// The token of the account with this number.
    pub fn of(number: u8) -> Self {
        let now = clock::Clock::system().now().as_second();
        let id = |kind: u8| format!("0197{kind:04x}-0000-7000-8000-0000000000{number:02x}");
        Self(json!({
            "iss": "https://test.issuer", "sub": id(1), "aud": ["fleet"], "iat": now, "exp": now + 1_800,
            "jti": id(2), "sid": id(3), "client_id": "web", "scope": "", "roles": ["user"], "tier": "FREE",
            "email_verified": true, "auth_time": now, "amr": ["pwd"], "type": "access",
        }))
    }

    /// The same with another value of a claim.
    pub fn with(mut self, claim: &str, value: Value) -> Self {
        self.0[claim] = value;
        self
    }
}
