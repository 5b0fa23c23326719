//! What there is to do about the keys at a moment.

use jiff::{SignedDuration, Timestamp};

/// How long a key signs.
pub const SIGNS_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long before it signs it is published, so that everybody has it.
pub const PUBLISHED_BEFORE: SignedDuration = SignedDuration::from_hours(24);
/// How long a retired key stays: its last token lives half an hour, and an hour more.
pub const KEPT_AFTER: SignedDuration = SignedDuration::from_mins(90);

/// What a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Published, does not sign yet.
    Next,
    /// Signs.
    Active,
    /// Signed; its tokens may still live.
    Retired,
}

/// A key, as far as it matters here.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Its id.
    pub kid: &'a str,
    /// What it is.
    pub state: State,
    /// Whether it is of the algorithm that is wished for.
    pub wished: bool,
    /// When it was made, and so published.
    pub created_at: Timestamp,
    /// Since when it signs.
    pub activated_at: Option<Timestamp>,
    /// Since when it does not.
    pub retired_at: Option<Timestamp>,
}

/// One step; after it is done there may be another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// The first key, which signs at once.
    MakeFirst,
    /// The key after this one.
    MakeNext,
    /// The next key signs from now on.
    Promote,
    /// Nobody needs this key any more.
    Drop(&'a str),
}

impl State {
    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }

    /// The state of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Next, Self::Active, Self::Retired].into_iter().find(|state| state.name() == name)
    }
}

/// What is to be done first at `now`, if anything. A clock that travelled back takes nothing away: a key whose dates
/// are still to come is young.
pub fn due<'a>(keys: &[Known<'a>], now: Timestamp) -> Option<Step<'a>> {
    let age = |since: Timestamp| now.duration_since(since);
    let of = |state| keys.iter().find(move |key| key.state == state);
    let Some(active) = of(State::Active) else {
        return Some(if of(State::Next).is_some() { Step::Promote } else { Step::MakeFirst });
    };
    let signed_for = active.activated_at.map_or(SignedDuration::ZERO, age);
    match of(State::Next) {
        None if signed_for >= SIGNS_FOR - PUBLISHED_BEFORE || !active.wished => return Some(Step::MakeNext),
        Some(next) if age(next.created_at) >= PUBLISHED_BEFORE && (signed_for >= SIGNS_FOR || !active.wished) => {
            return Some(Step::Promote);
        }
        _ => {}
    }
    let done = |key: &&Known<'a>| key.retired_at.is_some_and(|at| age(at) > KEPT_AFTER);
    keys.iter().find(done).map(|key| Step::Drop(key.kid))
}
