//! What a profile may hold, how its owner changes it, and what events may fill in. Values in, values out.

use std::borrow::Cow;

use contracts::Language;
use jiff::Timestamp;
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;
use url::{Host, Url};
use uuid::Uuid;

use super::preferences::Preferences;

/// The most characters of a full name.
pub const FULL_NAME_MAX: usize = 100;
/// The most characters of a biography.
pub const BIO_MAX: usize = 2000;
/// The most characters of a picture's address.
pub const PICTURE_URL_MAX: usize = 500;
/// The fewest and the most characters of a username.
pub const USERNAME_LENGTH: (usize, usize) = (3, 50);

/// What its owner decides about a profile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// The name that auth has for the account.
    pub username: Option<String>,
    /// A name in full.
    pub full_name: Option<String>,
    /// A few words.
    pub bio: Option<String>,
    /// A picture somewhere else.
    pub profile_picture_url: Option<String>,
    /// A picture in media.
    pub avatar_media_id: Option<Uuid>,
    /// What was chosen.
    pub preferences: Preferences,
    /// When the zone last changed.
    pub timezone_changed_at: Option<Timestamp>,
}

/// One field of a change: left as it is, emptied, or set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// Not mentioned.
    #[default]
    Keep,
    /// Null.
    Clear,
    /// A value.
    Set(T),
}

/// What its owner wants changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    /// A new username: claimed at auth before it is written. It cannot be emptied.
    pub username: Field<String>,
    /// A new full name.
    pub full_name: Field<String>,
    /// A new biography.
    pub bio: Field<String>,
    /// A new picture's address.
    pub profile_picture_url: Field<String>,
    /// A new picture in media.
    pub avatar_media_id: Field<Uuid>,
    /// New preferences.
    pub preferences: NewPreferences,
}

/// How preferences change.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum NewPreferences {
    /// Not at all.
    #[default]
    Keep,
    /// They become exactly these.
    Replace(Map<String, Value>),
    /// These are merged into them, as RFC 7396 merges.
    Merge(Map<String, Value>),
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// A JSON pointer into the request's body.
    pub pointer: Cow<'static, str>,
    /// What.
    pub wrong: Wrong,
}

/// What may be wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// More characters than this.
    TooLong(usize),
    /// More bytes of JSON than this.
    TooLarge(usize),
    /// Characters that nobody sees or that turn text around.
    Unprintable,
    /// Not 3 to 50 of a-z, 0-9, `_` and `.`.
    NotAUsername,
    /// A username cannot be taken away.
    UsernameStays,
    /// Not the address of a public host over https.
    NotAPublicHttpsUrl,
    /// Pictures in media cannot be named yet.
    NoSuchMedia,
    /// Not `fr` or `en`.
    NotALanguage,
    /// Not an IANA time zone.
    NotAZone,
    /// Not a whole number from 0 to 6.
    NotADayStart,
    /// Not an object.
    NotAnObject,
    /// Neither true nor false.
    NotASwitch,
}

impl Fault {
    /// Something wrong at `pointer`.
    pub fn at(pointer: impl Into<Cow<'static, str>>, wrong: Wrong) -> Self {
        Self { pointer: pointer.into(), wrong }
    }
}

/// `current` after `change`, or all that is wrong with it.
pub fn changed(current: &Profile, change: Change, now: Timestamp) -> Result<Profile, Vec<Fault>> {
    let mut faults = Vec::new();
    let next = Profile {
        username: username(&current.username, change.username, &mut faults),
        full_name: text("/full_name", &current.full_name, change.full_name, full_name, &mut faults),
        bio: text("/bio", &current.bio, change.bio, bio, &mut faults),
        profile_picture_url: text(
            "/profile_picture_url",
            &current.profile_picture_url,
            change.profile_picture_url,
            picture_url,
            &mut faults,
        ),
        avatar_media_id: avatar(current.avatar_media_id, change.avatar_media_id, &mut faults),
        preferences: preferences(&current.preferences, change.preferences, &mut faults),
        timezone_changed_at: current.timezone_changed_at,
    };
    if faults.is_empty() { Ok(dated(current, next, now)) } else { Err(faults) }
}

/// What auth tells of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its username, where this is the newest that is known of it.
    pub username: Option<String>,
    /// A name given at registration.
    pub full_name: Option<String>,
    /// A picture given by a provider.
    pub picture_url: Option<String>,
    /// The language it is spoken to in.
    pub locale: Language,
}

/// `current` with its empty fields filled from `facts`. A username follows auth's. What does not fit is left out:
/// nobody is there to correct it.
pub fn filled(current: &Profile, facts: &Facts, fill: Fill) -> Profile {
    let mut next = current.clone();
    if let Some(username) = facts.username.as_ref().filter(|name| name.chars().count() <= USERNAME_LENGTH.1) {
        next.username = Some(username.clone());
    }
    if fill == Fill::UsernameAlone {
        return next;
    }
    if next.full_name.is_none() {
        next.full_name = facts.full_name.as_deref().and_then(|name| full_name(name).ok()).flatten();
    }
    if next.profile_picture_url.is_none() {
        next.profile_picture_url = facts.picture_url.as_deref().and_then(|url| picture_url(url).ok()).flatten();
    }
    next.preferences.fill_language(facts.locale);
    next
}

/// How much an event may fill in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Whatever is empty.
    Empty,
    /// The username alone: the owner has seen the rest filled, and left empty what is empty.
    UsernameAlone,
}

/// Whether a username told at `told_at` is newer than the one known since `known_at`. One dated after `now` was
/// written before the clock travelled back, and holds nobody.
pub fn is_newer(told_at: Timestamp, known_at: Option<Timestamp>, now: Timestamp) -> bool {
    known_at.is_none_or(|known_at| told_at >= known_at || known_at > now)
}

fn dated(current: &Profile, mut next: Profile, now: Timestamp) -> Profile {
    if next.preferences.timezone() != current.preferences.timezone() {
        next.timezone_changed_at = Some(now);
    }
    next
}

/// A text that may be there, or what is wrong with it.
type Checked = Result<Option<String>, Wrong>;

fn text(
    pointer: &'static str,
    current: &Option<String>,
    field: Field<String>,
    rule: fn(&str) -> Checked,
    faults: &mut Vec<Fault>,
) -> Option<String> {
    match field {
        Field::Keep => current.clone(),
        Field::Clear => None,
        Field::Set(text) => rule(&text).unwrap_or_else(|wrong| {
            faults.push(Fault::at(pointer, wrong));
            None
        }),
    }
}

fn username(current: &Option<String>, field: Field<String>, faults: &mut Vec<Fault>) -> Option<String> {
    let wrong = match field {
        Field::Keep => return current.clone(),
        Field::Clear if current.is_none() => return None,
        Field::Clear => Wrong::UsernameStays,
        Field::Set(name) => match fold_username(&name) {
            Ok(name) => return Some(name),
            Err(wrong) => wrong,
        },
    };
    faults.push(Fault::at("/username", wrong));
    None
}

fn avatar(current: Option<Uuid>, field: Field<Uuid>, faults: &mut Vec<Fault>) -> Option<Uuid> {
    match field {
        Field::Keep => current,
        Field::Clear => None,
        Field::Set(id) if current == Some(id) => current,
        Field::Set(_) => {
            faults.push(Fault::at("/avatar_media_id", Wrong::NoSuchMedia));
            None
        }
    }
}

fn preferences(current: &Preferences, new: NewPreferences, faults: &mut Vec<Fault>) -> Preferences {
    let next = match new {
        NewPreferences::Keep => return current.clone(),
        NewPreferences::Replace(chosen) => Preferences::default().merged(chosen),
        NewPreferences::Merge(patch) => current.clone().merged(patch),
    };
    faults.extend(next.faults());
    next
}

/// A username in lower case, if it is one.
pub fn fold_username(text: &str) -> Result<String, Wrong> {
    let name = text.to_lowercase();
    let (fewest, most) = USERNAME_LENGTH;
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.';
    if (fewest..=most).contains(&name.len()) && name.chars().all(allowed) { Ok(name) } else { Err(Wrong::NotAUsername) }
}

fn full_name(text: &str) -> Checked {
    plain(text, FULL_NAME_MAX, |c| c.is_control() || turns_text(c))
}

fn bio(text: &str) -> Checked {
    plain(text, BIO_MAX, |c| (c.is_control() && c != '\n' && c != '\t') || turns_text(c))
}

/// One spelling of each character (NFC), lines ended alike, nothing around; empty is nothing.
fn plain(text: &str, most: usize, refused: fn(char) -> bool) -> Checked {
    let text: String = text.replace("\r\n", "\n").trim().nfc().collect();
    if text.chars().any(refused) {
        return Err(Wrong::Unprintable);
    }
    if text.chars().count() > most {
        return Err(Wrong::TooLong(most));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// Characters that show the text after them in another order, so that it reads as what it is not.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The address of a picture that any browser may be sent to: https, a public host's name, no password.
fn picture_url(text: &str) -> Checked {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let url = Url::parse(text).map_err(|_| Wrong::NotAPublicHttpsUrl)?;
    let public_host = match url.host() {
        Some(Host::Domain(name)) => name.trim_end_matches('.').contains('.'),
        _ => false,
    };
    if url.scheme() != "https" || !public_host || !url.username().is_empty() || url.password().is_some() {
        return Err(Wrong::NotAPublicHttpsUrl);
    }
    let url = String::from(url);
    if url.chars().count() > PICTURE_URL_MAX { Err(Wrong::TooLong(PICTURE_URL_MAX)) } else { Ok(Some(url)) }
}
