//! New keys.

use authn::{Algorithm, Jwk};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::Ts;
use jiff::Timestamp;

use super::row::KeyRow;
use super::rules::State;
use crate::secrets::{Broken, Secrets, Token};

/// Why there is no new key.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The library's own failure.
    #[error("a key cannot be made")]
    Crypto,
    /// Its secret half cannot be kept.
    #[error(transparent)]
    Secret(#[from] Broken),
    /// Its public half cannot be kept.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// The name of an algorithm in tokens, key sets and the table.
pub fn name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Es256 => "ES256",
        // RFC 9864 would have `Ed25519`; what clients know is this.
        Algorithm::Ed25519 => "EdDSA",
    }
}

/// A new key, sealed. `signs` says whether it does so at once.
pub fn key(algorithm: Algorithm, secrets: &Secrets, signs: bool, now: Timestamp) -> Result<KeyRow, Failed> {
    let kid = kid(now)?;
    let (private, public) = pair(algorithm, &kid)?;
    let state = if signs { State::Active } else { State::Next };
    Ok(KeyRow {
        algorithm: name(algorithm).into(),
        state: state.name().into(),
        public_jwk: serde_json::to_value(public)?,
        sealed_private_key: secrets.seal(&kid, &private)?,
        created_at: Ts(now),
        activated_at: signs.then_some(Ts(now)),
        retired_at: None,
        kid,
    })
}

/// Its day, for people, and enough chance that no two are alike.
fn kid(now: Timestamp) -> Result<String, Failed> {
    let chance: String = Token::random()?.show().chars().filter(char::is_ascii_alphanumeric).take(12).collect();
    Ok(format!("{}-{chance}", now.strftime("%Y%m%d")))
}

fn pair(algorithm: Algorithm, kid: &str) -> Result<(Vec<u8>, Jwk), Failed> {
    let random = SystemRandom::new();
    let jwk = |kty: &str, crv: &str, x: &[u8], y: Option<&[u8]>| Jwk {
        kty: kty.into(),
        crv: crv.into(),
        x: URL_SAFE_NO_PAD.encode(x),
        y: y.map(|y| URL_SAFE_NO_PAD.encode(y)),
        kid: kid.into(),
        alg: name(algorithm).into(),
        usage: "sig".into(),
    };
    match algorithm {
        Algorithm::Es256 => {
            let signing = &ECDSA_P256_SHA256_FIXED_SIGNING;
            let private = EcdsaKeyPair::generate_pkcs8(signing, &random).map_err(|_| Failed::Crypto)?;
            let pair = EcdsaKeyPair::from_pkcs8(signing, private.as_ref()).map_err(|_| Failed::Crypto)?;
            // An uncompressed point: 4, then both coordinates.
            let point = pair.public_key().as_ref();
            let (x, y) = point.get(1..33).zip(point.get(33..65)).ok_or(Failed::Crypto)?;
            Ok((private.as_ref().to_vec(), jwk("EC", "P-256", x, Some(y))))
        }
        Algorithm::Ed25519 => {
            let private = Ed25519KeyPair::generate_pkcs8(&random).map_err(|_| Failed::Crypto)?;
            let pair = Ed25519KeyPair::from_pkcs8(private.as_ref()).map_err(|_| Failed::Crypto)?;
            Ok((private.as_ref().to_vec(), jwk("OKP", "Ed25519", pair.public_key().as_ref(), None)))
        }
    }
}
