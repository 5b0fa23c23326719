//! When an export may be asked for, what is done about it and when, and which chunks belong to it.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};

/// How long an archive can be downloaded.
pub const GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);
/// One export in so long.
pub const ONE_IN: SignedDuration = SignedDuration::from_hours(24);
/// The longest that anything is put off.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24);

/// When a service that did not answer is asked again, after the request.
const AGAIN: [SignedDuration; 2] = [SignedDuration::from_mins(15), SignedDuration::from_hours(1)];
/// When it is not waited for any more.
const GIVE_UP: SignedDuration = SignedDuration::from_hours(24);
const LONGEST_FILE_NAME: usize = 40;

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Services send their parts.
    Preparing,
    /// It can be downloaded.
    Ready,
    /// It could be, and is deleted.
    Expired,
    /// A service did not answer.
    Failed,
}

/// What becomes of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A new export.
    New,
    /// The one that is being prepared.
    Same,
    /// Not before so long.
    TooSoon(SignedDuration),
}

/// What there is to do about an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask those who have not answered once more.
    AskAgain,
    /// Wait no more.
    GiveUp,
    /// End the link.
    Expire,
    /// Delete what is left.
    Clear,
}

/// What to do with a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is one more of those at hand.
    Among,
    /// It is the first of a newer answer: those at hand are void.
    Anew,
    /// It is of no use.
    Nowhere,
}

impl Phase {
    /// All of them.
    const ALL: [Self; 4] = [Self::Preparing, Self::Ready, Self::Expired, Self::Failed];

    /// Its name, in the table and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Preparing => "PREPARING",
            Self::Ready => "READY",
            Self::Expired => "EXPIRED",
            Self::Failed => "FAILED",
        }
    }

    /// The phase of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.name() == name)
    }

    /// How it is at `now`: an archive is gone when its time has come, whether somebody has deleted it already or not.
    pub fn at(self, expires_at: Option<Timestamp>, now: Timestamp) -> Self {
        let over = expires_at.is_some_and(|at| now >= at);
        if self == Self::Ready && over { Self::Expired } else { self }
    }
}

/// What becomes of a wish at `now`, by how far the newest export is and when it was asked for. One that failed is not
/// counted, nor what was asked for by a clock that has since travelled back.
pub fn wish(newest: Option<(Phase, Timestamp)>, now: Timestamp) -> Wish {
    match newest {
        Some((Phase::Preparing, _)) => Wish::Same,
        Some((Phase::Ready | Phase::Expired, asked_at)) => {
            let since = now.duration_since(asked_at);
            if !since.is_negative() && since < ONE_IN { Wish::TooSoon(ONE_IN - since) } else { Wish::New }
        }
        Some((Phase::Failed, _)) | None => Wish::New,
    }
}

/// When to look at an export again that was asked for at `requested_at`, and whose services were asked so often.
pub fn next_look(requested_at: Timestamp, asked: i32) -> Timestamp {
    let before = usize::try_from(asked).unwrap_or(0).saturating_sub(1);
    requested_at + AGAIN.get(before).copied().unwrap_or(GIVE_UP)
}

/// What to do about an export whose time has come.
pub fn step(phase: Phase, asked: i32) -> Step {
    let again = usize::try_from(asked).is_ok_and(|asked| asked <= AGAIN.len());
    match phase {
        Phase::Preparing if again => Step::AskAgain,
        Phase::Preparing => Step::GiveUp,
        Phase::Ready => Step::Expire,
        Phase::Expired | Phase::Failed => Step::Clear,
    }
}

/// What to do with a chunk that answers the `answers`th time of asking, of a service of which those at hand answer the
/// `at_hand`th. Two answers are never mixed: between them the person may have written more.
pub fn place(whole: bool, at_hand: i32, answers: i32) -> Place {
    match answers.cmp(&at_hand) {
        Ordering::Equal if !whole => Place::Among,
        Ordering::Greater if !whole => Place::Anew,
        _ => Place::Nowhere,
    }
}

/// Whether a file may be called so: it becomes a path on somebody's machine.
pub fn is_file_name(name: &str) -> bool {
    (1..=LONGEST_FILE_NAME).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
