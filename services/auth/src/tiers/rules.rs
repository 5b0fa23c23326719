//! Which tier an account has: the best of what it pays for and what it was given.

use contracts::Tier;
use jiff::{SignedDuration, Timestamp};

/// So far ahead the tokens of a new tier are dated: longer than it takes to write the change and to sign a token.
const AHEAD: SignedDuration = SignedDuration::from_secs(2);
/// Further ahead than this no revocation is dated: verifiers and clocks agree to half a minute.
const FARTHEST: SignedDuration = SignedDuration::from_secs(20);

/// Something that gives PREMIUM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// What it is.
    pub kind: Kind,
    /// Until when; without an end where nothing is said.
    pub until: Option<Timestamp>,
}

/// What gives PREMIUM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is paid for.
    Subscription,
    /// An administrator gave it.
    Grant,
}

/// What an account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its tier.
    pub tier: Tier,
    /// Until when that holds, if it is PREMIUM and ends; else when it ended, if it ever was.
    pub until: Option<Timestamp>,
    /// What gives it, where something does.
    pub by: Option<Kind>,
}

impl Source {
    /// Whether it gives anything at `now`.
    fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// What these sources come to at `now`. What is paid for is named first, and what lasts longest decides until when.
pub fn held(sources: &[Source], now: Timestamp) -> Held {
    let mut holding: Vec<&Source> = sources.iter().filter(|source| source.holds(now)).collect();
    holding.sort_by_key(|source| source.kind == Kind::Grant);
    match holding.first() {
        None => Held { tier: Tier::Free, until: sources.iter().filter_map(|source| source.until).max(), by: None },
        Some(first) => {
            let endless = holding.iter().any(|source| source.until.is_none());
            let last = holding.iter().filter_map(|source| source.until).max();
            Held { tier: Tier::Premium, until: last.filter(|_| !endless), by: Some(first.kind) }
        }
    }
}

/// From when tokens speak of a tier that changes at `now`. Tokens are dated in whole seconds; those of this second and the
/// next are old, since one that was begun before may be signed a moment later, and so are those that the change before
/// this one let be dated ahead.
pub fn not_before(former: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let next = Timestamp::from_second(now.as_second()).unwrap_or(now) + AHEAD;
    let former = former.filter(|former| former.duration_since(now) < FARTHEST);
    former.map_or(next, |former| next.max(former + SignedDuration::from_secs(1)))
}
