//! The keys in this process: one to sign with, all to publish.

use std::sync::Arc;

use arc_swap::ArcSwap;
use authn::{Claims, Jwk, JwkSet, Keys, SERVICE_TOKEN_TYPE, ServiceClaims, TOKEN_TYPE, UnreadableKeys};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use problem::{Problem, codes};
use serde::Serialize;

use super::row::KeyRow;
use super::rules::State;
use crate::secrets::{Broken, Secrets};

/// Signs, and says which keys there are. Clones share the keys.
#[derive(Clone, Default)]
pub struct Keyring(Arc<ArcSwap<Ring>>);

#[derive(Default)]
struct Ring {
    signer: Option<Signer>,
    published: JwkSet,
}

struct Signer {
    kid: String,
    algorithm: Algorithm,
    key: EncodingKey,
}

/// Why stored keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// One cannot be opened.
    #[error("the signing key {0}: {1}")]
    Sealed(String, Broken),
    /// Its public half makes no sense.
    #[error("the public half of the signing key {0}: {1}")]
    Public(String, serde_json::Error),
    /// None of them.
    #[error(transparent)]
    None(#[from] UnreadableKeys),
}

impl Keyring {
    /// Takes these keys over; answers what tokens are verified with.
    pub fn load(&self, rows: &[KeyRow], secrets: &Secrets) -> Result<Keys, Unusable> {
        let published = public_halves(rows)?;
        let keys = Keys::of(published.clone())?;
        let active = rows.iter().find(|row| row.state() == Some(State::Active));
        let same = self.0.load().signer.as_ref().map(|signer| signer.kid.clone()) == active.map(|row| row.kid.clone());
        if same && self.0.load().published == published {
            return Ok(keys);
        }
        let signer = active.map(|row| Signer::open(row, secrets)).transpose()?;
        self.0.store(Arc::new(Ring { signer, published }));
        Ok(keys)
    }

    /// The access token that says this.
    pub fn sign(&self, claims: &Claims) -> Result<String, Problem> {
        self.sign_as(TOKEN_TYPE, claims)
    }

    /// The service token that says this.
    pub fn sign_service(&self, claims: &ServiceClaims) -> Result<String, Problem> {
        self.sign_as(SERVICE_TOKEN_TYPE, claims)
    }

    fn sign_as(&self, typ: &str, claims: &impl Serialize) -> Result<String, Problem> {
        let ring = self.0.load();
        let unavailable = || Problem::new(&codes::UNAVAILABLE).header("retry-after", 1);
        let signer = ring.signer.as_ref().ok_or_else(unavailable)?;
        let mut header = Header::new(signer.algorithm);
        header.typ = Some(typ.into());
        header.kid = Some(signer.kid.clone());
        jsonwebtoken::encode(&header, claims, &signer.key).map_err(|e| Problem::new(&codes::INTERNAL).because(e))
    }

    /// The public halves.
    pub fn published(&self) -> JwkSet {
        self.0.load().published.clone()
    }
}

/// What verifiers are told of these keys.
pub fn public_halves(rows: &[KeyRow]) -> Result<JwkSet, Unusable> {
    let jwk = |row: &KeyRow| {
        serde_json::from_value::<Jwk>(row.public_jwk.clone()).map_err(|e| Unusable::Public(row.kid.clone(), e))
    };
    Ok(JwkSet { keys: rows.iter().map(jwk).collect::<Result<_, _>>()? })
}

impl Signer {
    fn open(row: &KeyRow, secrets: &Secrets) -> Result<Self, Unusable> {
        let private = secrets.open(&row.kid, &row.sealed_private_key);
        let private = private.map_err(|e| Unusable::Sealed(row.kid.clone(), e))?;
        let (algorithm, key) = match row.algorithm.as_str() {
            "ES256" => (Algorithm::ES256, EncodingKey::from_ec_der(&private)),
            _ => (Algorithm::EdDSA, EncodingKey::from_ed_der(&private)),
        };
        Ok(Self { kid: row.kid.clone(), algorithm, key })
    }
}
