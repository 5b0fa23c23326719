//! What a service has to say to prove itself (RFC 7523 §3), and what it may ask for.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// What a token allows: to call. What a service may do is for the one that it calls to know.
pub const SCOPE: &str = "api";
/// How long an assertion may have to live.
pub const LONGEST: SignedDuration = SignedDuration::from_mins(5);
/// How far clocks may differ.
const SKEW: SignedDuration = SignedDuration::from_secs(30);
/// How long the id of an assertion may be.
const LONGEST_ID: usize = 255;

/// What a service signed to prove itself.
#[derive(Clone, Debug, Deserialize)]
pub struct Assertion {
    /// The service.
    pub iss: String,
    /// The service again.
    pub sub: String,
    /// For whom: us.
    pub aud: Audience,
    /// Until when, in seconds.
    pub exp: i64,
    /// Since when, where it says so.
    #[serde(default)]
    pub iat: Option<i64>,
    /// Not before, where it says so.
    #[serde(default)]
    pub nbf: Option<i64>,
    /// Its own id, which comes once.
    pub jti: String,
}

/// For whom something was signed, in one of the two ways to write it.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// As a text.
    One(String),
    /// As a list.
    Many(Vec<String>),
}

/// Why a token is for nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aimless {
    /// Nobody was named.
    Missing,
    /// Somebody was named who cannot be one of ours, or two.
    Unknown,
}

impl Audience {
    /// Whether it is for one alone, who goes by one of these `names`.
    fn is_one_of(&self, names: &[String]) -> bool {
        match self {
            Self::One(name) => names.contains(name),
            Self::Many(all) => matches!(all.as_slice(), [name] if names.contains(name)),
        }
    }
}

/// When this assertion of `service` expires, if it proves who that is to somebody who goes by `names`.
pub fn proves(assertion: &Assertion, service: &str, names: &[String], now: Timestamp) -> Option<Timestamp> {
    let second = |second: i64| Timestamp::from_second(second).ok();
    let expires_at = second(assertion.exp)?;
    let left = expires_at.duration_since(now);
    let has_begun = |at: i64| second(at).is_some_and(|at| at.duration_since(now) <= SKEW);
    let good = assertion.iss == service
        && assertion.sub == service
        && assertion.aud.is_one_of(names)
        && (1..=LONGEST_ID).contains(&assertion.jti.len())
        && !assertion.jti.contains(char::is_control)
        && left > -SKEW
        && left <= LONGEST + SKEW
        && [assertion.iat, assertion.nbf].into_iter().flatten().all(has_begun);
    good.then_some(expires_at)
}

/// The one service that is asked for: by its name, or by its address below `api` (RFC 8707).
pub fn aim<'a>(audience: Option<&'a str>, resource: Option<&'a str>, api: &str) -> Result<&'a str, Aimless> {
    let Some(resource) = resource else { return audience.ok_or(Aimless::Missing) };
    let named = resource.strip_prefix(api).and_then(|rest| rest.strip_prefix('/'));
    named.filter(|named| audience.is_none_or(|audience| audience == *named)).ok_or(Aimless::Unknown)
}

/// Whether nothing is asked for that there is not.
pub fn is_known_scope(scope: Option<&str>) -> bool {
    scope.unwrap_or_default().split(' ').all(|word| word.is_empty() || word == SCOPE)
}
