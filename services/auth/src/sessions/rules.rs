//! What a session decides: how long it lives, and what a refresh token that is shown means.

use jiff::{SignedDuration, Timestamp};

/// How long a refresh token waits to be used.
pub const REFRESH_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long a session lives, however often it is refreshed.
pub const SESSION_LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A client whose answer was lost, or that asked twice, may show the same token again this long.
pub const GRACE: SignedDuration = SignedDuration::from_secs(10);

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// Its owner signed out.
    Logout,
    /// Its owner ended it from another.
    Revoked,
    /// A used refresh token came again.
    Reuse,
    /// What it was entered with changed.
    Credential,
    /// An administrator ended it.
    Admin,
}

impl EndReason {
    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::Revoked => "revoked",
            Self::Reuse => "reuse",
            Self::Credential => "credential",
            Self::Admin => "admin",
        }
    }
}

/// A refresh token as it is stored, with its session.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// When the session ended, if it did.
    pub session_ended: bool,
    /// When the session ends at the latest.
    pub session_expires_at: Timestamp,
    /// When the token stops working.
    pub expires_at: Timestamp,
    /// When it was used, if it was.
    pub used_at: Option<Timestamp>,
}

/// What to do about a refresh token that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// It is used now, and its successor made.
    First,
    /// It was used a moment ago: the same successor once more.
    Again,
    /// It was used, and somebody has it who should not.
    Stolen,
    /// It opens nothing.
    Dead,
}

/// What a refresh token means that is shown at `now`.
pub fn meaning(shown: &Shown, now: Timestamp) -> Meaning {
    if shown.session_ended || now >= shown.session_expires_at || now >= shown.expires_at {
        return Meaning::Dead;
    }
    match shown.used_at {
        None => Meaning::First,
        Some(used) if is_within_grace(used, now) => Meaning::Again,
        Some(_) => Meaning::Stolen,
    }
}

/// When a refresh token made at `now` stops working.
pub fn refresh_expiry(now: Timestamp, session_expires_at: Timestamp) -> Timestamp {
    (now + REFRESH_WITHIN).min(session_expires_at)
}

fn is_within_grace(used: Timestamp, now: Timestamp) -> bool {
    let since = now.duration_since(used);
    !since.is_negative() && since < GRACE
}

/// `first` and whatever of `more` is not among them, in this order.
pub fn joined<'a>(first: impl IntoIterator<Item = &'a str>, more: &[&'a str]) -> Vec<&'a str> {
    let mut all: Vec<&str> = Vec::new();
    for one in first.into_iter().chain(more.iter().copied()) {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}
