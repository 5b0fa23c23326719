//! The keys by which services prove who they are: each holds its own, auth knows the public halves of all.
//!
//! What a key signs has a `typ`, so that a proof of one kind is never taken for another, and a `kid`, which is the name
//! of the service: who signed is said by the key and by nothing in the text.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use settings::{Reader, Setting};

use crate::compact::Compact;
use crate::{Jwk, JwkSet, Keys, UnreadableKeys};

/// What a service proves may be a list of what it did.
const LONGEST_PROOF: usize = 16 * 1024;

/// A service's own key, on P-256. Clones share it.
#[derive(Clone)]
pub struct ServiceKey {
    service: Arc<str>,
    pair: Option<Arc<EcdsaKeyPair>>,
}

/// The public halves of all services' keys.
#[derive(Clone, Default)]
pub struct ServiceKeys(Keys);

/// A text that is no private key.
#[derive(Debug, thiserror::Error)]
#[error("must be a P-256 key: PKCS#8 in DER, in base64")]
pub struct UnreadableKey;

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum Unsigned {
    /// What to sign is no JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// There is no key, or the library failed.
    #[error("the service's key does not sign")]
    Key,
}

/// A text that no service known here signed as what it is shown for.
#[derive(Debug, thiserror::Error)]
#[error("no service known here signed this")]
pub struct Unproven;

impl ServiceKey {
    /// `SERVICE_KEY`, of the service of this name: PKCS#8 in DER, in base64.
    pub fn read(env: &mut Reader, service: &str) -> Self {
        let Pair(pair) = env.required("SERVICE_KEY");
        Self { service: service.into(), pair }
    }

    /// The key that this text holds, as [`ServiceKey::draw`] writes it.
    pub fn of(service: &str, text: &str) -> Result<Self, UnreadableKey> {
        Ok(Self { service: service.into(), pair: Some(Arc::new(pair(text)?)) })
    }

    /// A new key, as `SERVICE_KEY` holds it: for whoever sets up a fleet.
    pub fn draw() -> Result<String, Unsigned> {
        let private = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        Ok(STANDARD.encode(private.map_err(|_| Unsigned::Key)?))
    }

    /// Whose it is.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// These claims as a token of this `typ`, signed.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, Unsigned> {
        let pair = self.pair.as_ref().ok_or(Unsigned::Key)?;
        let header = json!({ "alg": "ES256", "kid": &*self.service, "typ": typ }).to_string();
        let claims = serde_json::to_vec(claims)?;
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = pair.sign(&SystemRandom::new(), message.as_bytes()).map_err(|_| Unsigned::Key)?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Its public half, as auth is told of it. Nothing where there is no key.
    pub fn public(&self) -> Option<Jwk> {
        // An uncompressed point: 4, then both coordinates.
        let point = self.pair.as_ref()?.public_key().as_ref();
        Some(Jwk {
            kty: "EC".into(),
            crv: "P-256".into(),
            x: URL_SAFE_NO_PAD.encode(point.get(1..33)?),
            y: Some(URL_SAFE_NO_PAD.encode(point.get(33..65)?)),
            kid: self.service.to_string(),
            alg: "ES256".into(),
            usage: "sig".into(),
        })
    }
}

impl ServiceKeys {
    /// `AUTH_SERVICE_KEYS`: a key set (RFC 7517) in which each `kid` is the name of a service.
    pub fn read(env: &mut Reader) -> Self {
        env.required("AUTH_SERVICE_KEYS")
    }

    /// The keys of this set.
    pub fn of(published: JwkSet) -> Result<Self, UnreadableKeys> {
        Keys::of(published).map(Self)
    }

    /// Whether there is a service of this name.
    pub fn has(&self, service: &str) -> bool {
        self.0.has(service)
    }

    /// Which service signed this text as a `typ`, and what it says.
    pub fn verify<T: DeserializeOwned>(&self, jws: &str, typ: &str) -> Result<(String, T), Unproven> {
        let compact = Compact::read(jws, LONGEST_PROOF).filter(|compact| compact.header.typ == typ).ok_or(Unproven)?;
        let claims = compact.payload(&self.0).ok_or(Unproven)?;
        Ok((compact.header.kid, claims))
    }
}

/// What `SERVICE_KEY` holds.
struct Pair(Option<Arc<EcdsaKeyPair>>);

impl Setting for Pair {
    fn parse(text: &str) -> Result<Self, String> {
        pair(text).map(|pair| Self(Some(Arc::new(pair)))).map_err(|e| e.to_string())
    }
    fn absent() -> Self {
        Self(None)
    }
}

impl Setting for ServiceKeys {
    fn parse(text: &str) -> Result<Self, String> {
        let published: JwkSet = serde_json::from_str(text).map_err(|_| "must be a key set in JSON".to_owned())?;
        Self::of(published).map_err(|_| "has no key that can be used: each needs kid, alg ES256 and use sig".into())
    }
    fn absent() -> Self {
        Self::default()
    }
}

fn pair(text: &str) -> Result<EcdsaKeyPair, UnreadableKey> {
    let text: String = text.split_ascii_whitespace().collect();
    let private = STANDARD.decode(text).map_err(|_| UnreadableKey)?;
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &private).map_err(|_| UnreadableKey)
}
