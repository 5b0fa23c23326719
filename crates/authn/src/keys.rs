//! The published keys, each pinned to one algorithm.

use std::collections::HashMap;
use std::sync::Arc;

use jsonwebtoken::DecodingKey;
use serde::{Deserialize, Serialize};

/// A signature algorithm that is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256.
    Es256,
    /// EdDSA on curve 25519; RFC 9864 names it `Ed25519`, older libraries `EdDSA`.
    Ed25519,
}

impl Algorithm {
    /// What that name stands for.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "Ed25519" | "EdDSA" => Some(Self::Ed25519),
            _ => None,
        }
    }

    fn for_verifying(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::Ed25519 => jsonwebtoken::Algorithm::EdDSA,
        }
    }
}

/// A public key as published (RFC 7517).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// `EC` or `OKP`.
    pub kty: String,
    /// `P-256` or `Ed25519`.
    #[serde(default)]
    pub crv: String,
    /// The first coordinate, or the whole key.
    #[serde(default)]
    pub x: String,
    /// The second coordinate of an EC key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// Its id.
    #[serde(default)]
    pub kid: String,
    /// The algorithm it is for.
    #[serde(default)]
    pub alg: String,
    /// Always `sig`.
    #[serde(default, rename = "use")]
    pub usage: String,
}

/// A key set as published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JwkSet {
    /// The keys.
    pub keys: Vec<Jwk>,
}

/// The keys that tokens are verified with.
#[derive(Clone, Default)]
pub struct Keys {
    published: JwkSet,
    by_id: Arc<HashMap<String, Pinned>>,
}

struct Pinned {
    algorithm: Algorithm,
    key: DecodingKey,
}

/// A key set without one key that can be used.
#[derive(Debug, thiserror::Error)]
#[error("no usable key in the key set")]
pub struct UnreadableKeys;

impl Keys {
    /// The keys of a set that this fleet can use; those of other kinds are passed over.
    pub fn of(published: JwkSet) -> Result<Self, UnreadableKeys> {
        let usable = published.keys.iter().filter_map(|jwk| Some((jwk.kid.clone(), Pinned::of(jwk)?)));
        let by_id: HashMap<_, _> = usable.collect();
        if by_id.is_empty() { Err(UnreadableKeys) } else { Ok(Self { published, by_id: Arc::new(by_id) }) }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    pub(crate) fn same_as(&self, other: &Self) -> bool {
        self.published == other.published
    }

    pub(crate) fn has(&self, kid: &str) -> bool {
        self.by_id.contains_key(kid)
    }

    /// Whether the key `kid` made this signature over `message`, and the token names the algorithm of that key.
    pub(crate) fn signed(&self, kid: &str, named: &str, message: &str, signature: &str) -> bool {
        let Some(pinned) = self.by_id.get(kid) else { return false };
        Algorithm::named(named) == Some(pinned.algorithm)
            && jsonwebtoken::crypto::verify(
                signature,
                message.as_bytes(),
                &pinned.key,
                pinned.algorithm.for_verifying(),
            )
            .unwrap_or(false)
    }
}

impl Pinned {
    fn of(jwk: &Jwk) -> Option<Self> {
        if jwk.kid.is_empty() || jwk.usage != "sig" {
            return None;
        }
        let algorithm = Algorithm::named(&jwk.alg)?;
        let key = match (algorithm, jwk.kty.as_str(), jwk.crv.as_str()) {
            (Algorithm::Es256, "EC", "P-256") => DecodingKey::from_ec_components(&jwk.x, jwk.y.as_deref()?),
            (Algorithm::Ed25519, "OKP", "Ed25519") => DecodingKey::from_ed_components(&jwk.x),
            _ => return None,
        };
        Some(Self { algorithm, key: key.ok()? })
    }
}
