//! Whether an event comes from Stripe: HMAC-SHA256 over the moment of sending and the body, by a secret of ours.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use jiff::{SignedDuration, Timestamp};
use settings::{ExposeSecret, SecretString};

/// What was sent longer ago may have been recorded; what is sent so far ahead is not Stripe's.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The keys that an event may be signed with. Clones share them.
#[derive(Clone)]
pub struct Signers(Arc<[hmac::Key]>);

/// What a `Stripe-Signature` says: `t=1768296600,v1=5257a8…,v1=…`.
struct Shown<'a> {
    /// When it was sent, as it is written and signed.
    at: &'a str,
    /// The signatures, one for each secret that Stripe has for us.
    tags: Vec<Vec<u8>>,
}

impl Signers {
    /// Those of these secrets.
    pub fn new(secrets: &[SecretString]) -> Self {
        let key = |secret: &SecretString| hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        Self(secrets.iter().map(key).collect())
    }

    /// Whether there is none, and so no webhook.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them signed this body a moment ago.
    pub fn signed(&self, header: &str, body: &[u8], now: Timestamp) -> bool {
        let Some(shown) = Shown::read(header) else { return false };
        is_fresh(shown.at, now) && self.0.iter().any(|key| shown.is_by(key, body))
    }
}

impl<'a> Shown<'a> {
    /// Other schemes than `v1` are left aside: `v0` is of tests, and a weaker one must never do.
    fn read(header: &'a str) -> Option<Self> {
        let mut at = None;
        let mut tags = Vec::new();
        for (name, value) in header.split(',').filter_map(|part| part.trim().split_once('=')) {
            match name {
                "t" if at.is_some() => return None,
                "t" => at = Some(value),
                "v1" => tags.extend(hex::decode(value)),
                _ => {}
            }
        }
        Some(Self { at: at?, tags })
    }

    fn is_by(&self, key: &hmac::Key, body: &[u8]) -> bool {
        let mut signing = hmac::Context::with_key(key);
        signing.update(self.at.as_bytes());
        signing.update(b".");
        signing.update(body);
        let right = signing.sign();
        self.tags.iter().any(|tag| verify_slices_are_equal(right.as_ref(), tag).is_ok())
    }
}

fn is_fresh(at: &str, now: Timestamp) -> bool {
    let at = at.parse().ok().and_then(|secs| Timestamp::from_second(secs).ok());
    at.is_some_and(|at| now.duration_since(at).abs() <= TOLERANCE)
}
