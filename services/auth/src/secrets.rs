//! Secrets: made at random, kept as digests, sealed, or computed from the one secret that configuration brings.
//!
//! `AUTH_KEY_SECRET` is never used itself: each purpose has a key of its own, made from it by HMAC.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::{constant_time, digest, hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use settings::{ExposeSecret, SecretString};
use uuid::Uuid;

/// A 256-bit secret that is shown once, such as a refresh token: 43 characters.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

/// What is stored of a [`Token`].
pub type Digest = Vec<u8>;

/// Why a secret could not be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The source of randomness is broken.
    #[error("no randomness")]
    Random,
    /// Sealed with another secret, or changed since.
    #[error("it cannot be opened with this AUTH_KEY_SECRET")]
    Sealed,
}

/// The keys of all purposes.
#[derive(Clone)]
pub struct Secrets {
    families: hmac::Key,
    tracks: hmac::Key,
    archives: hmac::Key,
    sealing: [u8; 32],
    journeys: hmac::Key,
    states: [u8; 32],
}

impl Token {
    /// A new one.
    pub fn random() -> Result<Self, Broken> {
        random().map(Self)
    }

    /// The one that a caller shows, if it can be one.
    pub fn read(text: &str) -> Option<Self> {
        let bytes = if text.len() == 43 { URL_SAFE_NO_PAD.decode(text).ok()? } else { return None };
        bytes.try_into().ok().map(Self)
    }

    /// As it is shown.
    pub fn show(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Whether a caller shows this one; it takes the same time either way.
    pub fn is_shown_as(&self, text: &str) -> bool {
        Self::read(text).is_some_and(|shown| constant_time::verify_slices_are_equal(&shown.0, &self.0).is_ok())
    }

    /// As it is stored.
    pub fn digest(&self) -> Digest {
        digest::digest(&digest::SHA256, &self.0).as_ref().to_vec()
    }
}

impl Secrets {
    /// Those that follow from `secret`.
    pub fn new(secret: &SecretString) -> Self {
        let root = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        let purpose = |name: &str| -> [u8; 32] { bytes(&hmac::sign(&root, name.as_bytes())) };
        let key = |name| hmac::Key::new(hmac::HMAC_SHA256, &purpose(name));
        Self {
            families: key("refresh token families"),
            tracks: key("tracks"),
            archives: key("archives"),
            sealing: purpose("signing keys"),
            journeys: key("journeys to providers"),
            states: purpose("states of journeys"),
        }
    }

    /// What signs what a browser carries to a provider and back, and nothing else.
    pub fn state_key(&self) -> &[u8] {
        &self.states
    }

    /// A secret of the journey with this `state`, for one `purpose`: nobody need keep it.
    pub fn of_journey(&self, state: &Token, purpose: &str) -> Token {
        let text = [purpose.as_bytes(), b"\0", &state.0].concat();
        Token(bytes(&hmac::sign(&self.journeys, &text)))
    }

    /// The salt of a new family of refresh tokens.
    pub fn salt(&self) -> Result<Vec<u8>, Broken> {
        Ok(random::<32>()?.to_vec())
    }

    /// The refresh token number `counter` of the family with this salt.
    pub fn refresh_token(&self, salt: &[u8], counter: i32) -> Token {
        let family: [u8; 32] = bytes(&hmac::sign(&self.families, salt));
        let family = hmac::Key::new(hmac::HMAC_SHA256, &family);
        Token(bytes(&hmac::sign(&family, &counter.to_be_bytes())))
    }

    /// A name for `text` that leads back to it only for whoever can guess it and has our secret.
    pub fn track(&self, text: &str) -> String {
        hex::encode(hmac::sign(&self.tracks, text.as_bytes()).as_ref().get(..16).unwrap_or_default())
    }

    /// The token of the link by which the archive `export` can be downloaded until a moment, by whoever was given it while
    /// its owner had this password.
    pub fn archive_token(&self, export: Uuid, until_micros: i64, password_hash: &str) -> Token {
        let named = [export.as_bytes().as_slice(), &until_micros.to_be_bytes(), password_hash.as_bytes()].concat();
        Token(bytes(&hmac::sign(&self.archives, &named)))
    }

    /// `plain`, sealed for whoever has our secret and knows it by `name`.
    pub fn seal(&self, name: &str, plain: &[u8]) -> Result<Vec<u8>, Broken> {
        let mut sealed = plain.to_vec();
        let nonce = self.sealing()?.seal_in_place_append_tag(Aad::from(name.as_bytes()), &mut sealed);
        let nonce = nonce.map_err(|_| Broken::Random)?;
        Ok([nonce.as_ref().as_slice(), &sealed].concat())
    }

    /// What was sealed under this `name`.
    pub fn open(&self, name: &str, sealed: &[u8]) -> Result<Vec<u8>, Broken> {
        let (nonce, sealed) = sealed.split_at_checked(12).ok_or(Broken::Sealed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Broken::Sealed)?;
        let mut plain = sealed.to_vec();
        let opened = self.sealing()?.open_in_place(nonce, Aad::from(name.as_bytes()), &mut plain);
        let length = opened.map_err(|_| Broken::Sealed)?.len();
        plain.truncate(length);
        Ok(plain)
    }

    fn sealing(&self) -> Result<RandomizedNonceKey, Broken> {
        RandomizedNonceKey::new(&AES_256_GCM, &self.sealing).map_err(|_| Broken::Sealed)
    }
}

/// Bytes that nobody knows.
pub fn random<const N: usize>() -> Result<[u8; N], Broken> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| Broken::Random)?;
    Ok(bytes)
}

/// A SHA-256 HMAC has 32 bytes.
fn bytes(tag: &hmac::Tag) -> [u8; 32] {
    tag.as_ref().try_into().unwrap_or_default()
}

impl From<Broken> for problem::Problem {
    fn from(broken: Broken) -> Self {
        Self::new(&problem::codes::INTERNAL).because(broken)
    }
}

/// An id that follows from a text, for whoever has none yet.
pub fn identity_of(text: &str) -> Uuid {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    Uuid::from_bytes(digest.as_ref().first_chunk().copied().unwrap_or_default())
}
