//! Tokens that the tests sign themselves.

use authn::{AUDIENCE, Claims, Jwk, JwkSet, Keys, LIFETIME, SERVICE_TOKEN_TYPE, ServiceClaims, TOKEN_TYPE, Verifier};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use contracts::{Role, SessionId, Tier, TokenId, UserId};
use jiff::Timestamp;

const ISSUER: &str = "http://auth.test";

/// A key of auth's.
pub struct Signer(EcdsaKeyPair);

impl Signer {
    pub fn new() -> Self {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).unwrap())
    }

    pub fn verifier(&self) -> Verifier {
        let point = self.0.public_key().as_ref();
        let jwk = Jwk {
            kty: "EC".into(),
            crv: "P-256".into(),
            x: BASE64.encode(&point[1..33]),
            y: Some(BASE64.encode(&point[33..])),
            kid: "test".into(),
            alg: "ES256".into(),
            usage: "sig".into(),
        };
        Verifier::with_keys(ISSUER, Keys::of(JwkSet { keys: vec![jwk] }).unwrap())
    }

    pub fn token(&self, user: UserId, roles: &[Role], now: Timestamp) -> String {
        self.proved(user, roles, now, (now, &["pwd"]))
    }

    /// For somebody who proved himself at that time, by this.
    pub fn proved(&self, user: UserId, roles: &[Role], now: Timestamp, (at, amr): (Timestamp, &[&str])) -> String {
        let claims = Claims {
            iss: ISSUER.into(),
            sub: user,
            aud: vec![AUDIENCE.into()],
            iat: now.as_second(),
            exp: now.as_second() + LIFETIME.as_secs(),
            nbf: None,
            jti: TokenId::at(now),
            sid: SessionId::at(now),
            client_id: "test".into(),
            scope: String::new(),
            roles: roles.iter().copied().collect(),
            tier: Tier::Free,
            email_verified: true,
            auth_time: at.as_second(),
            amr: amr.iter().map(|method| (*method).to_owned()).collect(),
            kind: "access".into(),
        };
        self.sign(TOKEN_TYPE, &claims)
    }

    /// What `service` shows to `audience`.
    pub fn service_token(&self, service: &str, audience: &str, now: Timestamp) -> String {
        let claims = ServiceClaims {
            iss: ISSUER.into(),
            sub: service.into(),
            aud: vec![audience.into()],
            iat: now.as_second(),
            exp: now.as_second() + 300,
            jti: TokenId::at(now),
            client_id: service.into(),
            scope: "api".into(),
        };
        self.sign(SERVICE_TOKEN_TYPE, &claims)
    }

    fn sign(&self, typ: &str, claims: &impl serde::Serialize) -> String {
        let header = serde_json::json!({ "alg": "ES256", "kid": "test", "typ": typ });
        let part = |json: Vec<u8>| BASE64.encode(json);
        let message =
            format!("{}.{}", part(header.to_string().into_bytes()), part(serde_json::to_vec(claims).unwrap()));
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", BASE64.encode(signature))
    }
}
