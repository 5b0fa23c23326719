//! A signed token in its compact form, taken apart. Nothing in it is believed before a key that we know has signed it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Keys;

/// Exactly what our headers hold; anything more (`jku`, `jwk`, `x5u`, `crit`) is not ours.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub(crate) alg: String,
    pub(crate) kid: String,
    pub(crate) typ: String,
}

pub(crate) struct Compact<'a> {
    pub(crate) header: Header,
    message: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Compact<'a> {
    /// Its parts, if it is one and not longer than `longest`.
    pub(crate) fn read(token: &'a str, longest: usize) -> Option<Self> {
        if token.len() > longest {
            return None;
        }
        let (message, signature) = token.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        Some(Self { header: part(header)?, message, payload, signature })
    }

    /// What it says, if the key that it names is one of these and signed it.
    pub(crate) fn payload<T: DeserializeOwned>(&self, keys: &Keys) -> Option<T> {
        let signed = keys.signed(&self.header.kid, &self.header.alg, self.message, self.signature);
        if signed { part(self.payload) } else { None }
    }
}

/// A part of a token: base64url without padding, JSON inside.
fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
