//! Where people may be sent back to, and who may exchange a code.

use aws_lc_rs::{constant_time, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};

/// The provider that has paths of its own.
pub const GOOGLE: &str = "google";
/// How long somebody may be away at a provider.
pub const JOURNEY_WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// How long an application may take to exchange a code.
pub const CODE_WITHIN: SignedDuration = SignedDuration::from_secs(60);
/// The longest word of a provider that is told on.
const LONGEST_WORD: usize = 64;

/// Where an application wants somebody sent back to, and what it will prove then to be the same application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The address, as configuration lists it.
    pub redirect_uri: String,
    /// The SHA-256 of what it keeps, in base64url (RFC 7636).
    pub code_challenge: String,
}

/// Why somebody cannot be sent back as an application wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Not an address that configuration lists.
    NotListed,
    /// One without the other, or a challenge that is none.
    NoChallenge,
}

/// A code as it is stored.
#[derive(Clone, Copy, Debug)]
pub struct Code<'a> {
    /// What its verifier makes.
    pub challenge: &'a str,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// Whether it was shown before.
    pub used: bool,
}

/// Where to send somebody back to; nowhere where an application asks for nothing. The address is compared as it is
/// written: two that a browser takes for one are two.
pub fn destination(
    listed: &[String],
    redirect_uri: Option<&str>,
    code_challenge: Option<&str>,
    method: Option<&str>,
) -> Result<Option<Destination>, Refused> {
    let (redirect_uri, challenge) = match (redirect_uri, code_challenge) {
        (None, None) => return Ok(None),
        (Some(redirect_uri), Some(challenge)) => (redirect_uri, challenge),
        _ => return Err(Refused::NoChallenge),
    };
    is_listed(listed, redirect_uri)?;
    if !is_challenge(challenge) || method.is_some_and(|method| method != "S256") {
        return Err(Refused::NoChallenge);
    }
    Ok(Some(Destination { redirect_uri: redirect_uri.to_owned(), code_challenge: challenge.to_owned() }))
}

/// Fine for an address that configuration lists.
pub fn is_listed(listed: &[String], redirect_uri: &str) -> Result<(), Refused> {
    if listed.iter().any(|known| known == redirect_uri) { Ok(()) } else { Err(Refused::NotListed) }
}

/// Whether a code works at `now` for whoever shows this verifier.
pub fn exchanges(code: &Code<'_>, verifier: &str, now: Timestamp) -> bool {
    !code.used && now < code.expires_at && is_verifier(verifier) && made_from(code.challenge, verifier)
}

/// A provider's word for why it refused; only what can be a word is told on.
pub fn word(error: &str) -> &str {
    let is_word = error.len() <= LONGEST_WORD && error.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if is_word { error } else { "unknown" }
}

fn is_challenge(text: &str) -> bool {
    text.len() == 43 && URL_SAFE_NO_PAD.decode(text).is_ok()
}

fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

fn made_from(challenge: &str, verifier: &str) -> bool {
    let made = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
    constant_time::verify_slices_are_equal(made.as_bytes(), challenge.as_bytes()).is_ok()
}
