//! Access tokens as auth signs them, by a key that only this process has.

use std::sync::{Arc, OnceLock};

use authn::{AUDIENCE, Claims, Jwk, JwkSet, Keys, LIFETIME, SECOND_FACTOR, TOKEN_TYPE, Verifier};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use contracts::{Roles, SessionId, Tier, TokenId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// Who issues tokens in tests: the `AUTH_ISSUER` of every app.
pub(crate) const ISSUER: &str = "http://auth.test";

/// Signs access tokens.
#[derive(Clone)]
pub struct Signer(Arc<EcdsaKeyPair>);

/// Whom a token is for.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) roles: Roles,
    pub(crate) tier: Tier,
    pub(crate) email_verified: bool,
    /// What they proved themselves by.
    pub(crate) amr: Vec<String>,
    /// How long ago.
    pub(crate) proved: SignedDuration,
}

/// What somebody has who signed in with a password alone.
pub(crate) fn one_factor() -> Vec<String> {
    vec!["pwd".into()]
}

/// What somebody has who showed a code as well.
pub(crate) fn two_factors() -> Vec<String> {
    ["pwd", "otp", SECOND_FACTOR].map(str::to_owned).to_vec()
}

impl Signer {
    /// The one of this process.
    pub fn ours() -> Self {
        static OURS: OnceLock<Signer> = OnceLock::new();
        OURS.get_or_init(Self::fresh).clone()
    }

    /// A stranger's: nobody accepts what it signs.
    pub fn fresh() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        Self(Arc::new(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).unwrap()))
    }

    /// A verifier that accepts what this signs.
    pub fn verifier(&self) -> Verifier {
        let point = self.0.public_key().as_ref();
        let jwk = Jwk {
            kty: "EC".into(),
            crv: "P-256".into(),
            x: BASE64.encode(&point[1..33]),
            y: Some(BASE64.encode(&point[33..])),
            kid: "testkit".into(),
            alg: "ES256".into(),
            usage: "sig".into(),
        };
        Verifier::with_keys(ISSUER, Keys::of(JwkSet { keys: vec![jwk] }).unwrap())
    }

    pub(crate) fn token(&self, holder: &Holder, now: Timestamp) -> String {
        let claims = Claims {
            iss: ISSUER.into(),
            sub: holder.user,
            aud: vec![AUDIENCE.into()],
            iat: now.as_second(),
            exp: now.as_second() + LIFETIME.as_secs(),
            nbf: None,
            jti: TokenId::at(now),
            sid: holder.session,
            client_id: "testkit".into(),
            scope: String::new(),
            roles: holder.roles,
            tier: holder.tier,
            email_verified: holder.email_verified,
            auth_time: (now - holder.proved).as_second(),
            amr: holder.amr.clone(),
            kind: "access".into(),
        };
        let header = json!({ "alg": "ES256", "kid": "testkit", "typ": TOKEN_TYPE });
        let part = |value: &serde_json::Value| BASE64.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(&serde_json::to_value(&claims).unwrap()));
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", BASE64.encode(signature))
    }
}
