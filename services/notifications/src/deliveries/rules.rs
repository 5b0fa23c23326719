//! What becomes of a mail: when it is tried again, in which language it is written, what it may call its reader.

use contracts::Language;
use jiff::{SignedDuration, Timestamp};

/// The longest pause between two tries.
pub const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(2);
/// So often a mail without an address is looked at again soon.
const SOON_LOOKS: i32 = 5;
const SOON: SignedDuration = SignedDuration::from_secs(2);
/// The most characters of a name that a mail greets.
const LONGEST_NAME: usize = 60;

/// What became of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The mail server has it.
    Sent,
    /// Not now; why, without an address.
    Later(String),
    /// Never; why, without an address.
    Never(String),
    /// Nobody knows yet where its reader is reached.
    Unaddressed,
    /// Its reader wants no such mail.
    Unwanted,
    /// It is of no use any more.
    TooLate,
}

/// The pause after the try number `attempts`.
pub fn pause(attempts: i32) -> SignedDuration {
    match attempts {
        ..=1 => SignedDuration::from_mins(1),
        2 => SignedDuration::from_mins(5),
        3 => SignedDuration::from_mins(30),
        _ => LONGEST_PAUSE,
    }
}

/// When a mail that could not be sent at `now` is tried again; nothing where it is of no use by then. The last try
/// is made a little before it expires.
pub fn next_try(now: Timestamp, attempts: i32, expires_at: Timestamp) -> Option<Timestamp> {
    let next = now.checked_add(pause(attempts)).ok()?;
    let last = expires_at.checked_sub(pause(1)).ok()?;
    let soonest = now.checked_add(pause(1)).ok()?;
    let next = next.min(last);
    (next >= soonest).then_some(next)
}

/// When a mail whose reader's address is not known yet is looked at again: soon at first, since the address is on its way
/// with the account itself, and may come just while the mail is tried without it.
pub fn next_look(now: Timestamp, attempts: i32, expires_at: Timestamp) -> Option<Timestamp> {
    if attempts > SOON_LOOKS {
        return next_try(now, attempts - SOON_LOOKS, expires_at);
    }
    now.checked_add(SOON).ok().filter(|next| *next < expires_at)
}

/// The language: what the wish says, else the profile, else the account, else French.
pub fn language(wish: Option<Language>, profile: Option<Language>, account: Option<Language>) -> Language {
    wish.or(profile).or(account).unwrap_or_default()
}

/// What to call somebody: the first of these that will do. A name that a mail program would turn into a link, or that
/// is no name in length, is not repeated to anybody: an address can be registered by someone else.
pub fn salutation(names: [Option<&str>; 3]) -> Option<String> {
    names.into_iter().flatten().map(single_line).find(|name| is_speakable(name))
}

fn is_speakable(name: &str) -> bool {
    let linkish = name.contains(['/', ':', '@', '<', '>', '\\'])
        || name.split_whitespace().any(|word| word.trim_matches('.').contains('.'));
    !name.is_empty() && !linkish && name.chars().count() <= LONGEST_NAME
}

/// A text on one line, without control characters, so that it cannot end a header and begin another.
pub fn single_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() || is_line_end(c) { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// An address of which only the first character and the domain can be read.
pub fn masked(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{}***@{domain}", local.chars().next().unwrap_or('*')),
        None => "***".to_owned(),
    }
}
