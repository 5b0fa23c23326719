//! What was revoked, and whether that concerns a token.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use contracts::auth::SessionRevoked;
use contracts::{SessionId, TokenId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Identity;
use crate::verifier::SKEW;

/// What auth's internal port answers when asked for revocations.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Snapshot {
    /// Each revocation whose tokens could still be accepted.
    pub items: Vec<SessionRevoked>,
    /// When this was so.
    pub as_of: Timestamp,
}

/// How many of the latest are copied with each event at the most.
const FEW: usize = 256;

/// All that is revoked. Whoever asks never waits, so a new one takes the place of the old at each event; what was known
/// long ago is shared by both, and only the latest few are copied.
#[derive(Clone, Debug, Default)]
pub(crate) struct Revoked {
    settled: Arc<Set>,
    latest: Set,
}

/// Values are when the last token concerned has expired.
#[derive(Clone, Debug, Default)]
struct Set {
    sessions: HashMap<SessionId, Timestamp>,
    tokens: HashMap<TokenId, Timestamp>,
    users: HashMap<UserId, Moment>,
}

#[derive(Clone, Copy, Debug)]
struct Moment {
    not_before: Timestamp,
    exp: Timestamp,
}

impl Revoked {
    /// The same with these.
    pub(crate) fn with(&self, events: &[SessionRevoked]) -> Self {
        let mut latest = self.latest.clone();
        events.iter().for_each(|event| latest.add(event));
        if latest.len() <= FEW {
            return Self { settled: self.settled.clone(), latest };
        }
        let mut settled = Set::clone(&self.settled);
        settled.merge(latest);
        Self { settled: Arc::new(settled), latest: Set::default() }
    }

    /// The same without what concerns no token any more.
    pub(crate) fn pruned(&self, now: Timestamp) -> Self {
        let mut all = Set::clone(&self.settled);
        all.merge(self.latest.clone());
        all.prune(now);
        Self { settled: Arc::new(all), latest: Set::default() }
    }

    pub(crate) fn is_prunable(&self, now: Timestamp) -> bool {
        self.settled.is_prunable(now) || self.latest.is_prunable(now)
    }

    /// Whether this token is refused.
    pub(crate) fn concerns(&self, identity: &Identity, now: Timestamp) -> bool {
        self.settled.concerns(identity, now) || self.latest.concerns(identity, now)
    }

    /// Whether the token with this id was revoked by itself.
    pub(crate) fn has_token(&self, token: &TokenId) -> bool {
        holds(&self.settled.tokens, token) || holds(&self.latest.tokens, token)
    }

    pub(crate) fn len(&self) -> usize {
        self.settled.len() + self.latest.len()
    }
}

impl Set {
    fn add(&mut self, event: &SessionRevoked) {
        if let Some(session) = event.sid {
            later(&mut self.sessions, session, event.exp);
        }
        if let Some(token) = event.jti {
            later(&mut self.tokens, token, event.exp);
        }
        if let (Some(user), Some(not_before)) = (event.user_id, event.not_before) {
            self.add_user(user, Moment { not_before, exp: event.exp });
        }
    }

    /// The later moment of two counts.
    fn add_user(&mut self, user: UserId, new: Moment) {
        let moment = self.users.entry(user).or_insert(new);
        if moment.not_before <= new.not_before {
            *moment = new;
        }
    }

    fn merge(&mut self, other: Self) {
        other.sessions.into_iter().for_each(|(session, exp)| later(&mut self.sessions, session, exp));
        other.tokens.into_iter().for_each(|(token, exp)| later(&mut self.tokens, token, exp));
        other.users.into_iter().for_each(|(user, moment)| self.add_user(user, moment));
    }

    fn prune(&mut self, now: Timestamp) {
        let needed = |exp: &Timestamp| now.duration_since(*exp) <= SKEW + SKEW;
        self.sessions.retain(|_, exp| needed(exp));
        self.tokens.retain(|_, exp| needed(exp));
        self.users.retain(|_, moment| needed(&moment.exp));
    }

    fn is_prunable(&self, now: Timestamp) -> bool {
        let over = |exp: &Timestamp| now.duration_since(*exp) > SKEW + SKEW;
        self.sessions.values().any(over)
            || self.tokens.values().any(over)
            || self.users.values().any(|moment| over(&moment.exp))
    }

    /// One that ends all earlier tokens of an account from a moment that is still to come was dated by a clock that has
    /// since travelled back: it blocks nobody.
    fn concerns(&self, identity: &Identity, now: Timestamp) -> bool {
        holds(&self.sessions, &identity.session)
            || holds(&self.tokens, &identity.token)
            || (!self.users.is_empty()
                && self.users.get(&identity.user).is_some_and(|moment| {
                    identity.issued_at < moment.not_before && moment.not_before.duration_since(now) <= SKEW
                }))
    }

    fn len(&self) -> usize {
        self.sessions.len() + self.tokens.len() + self.users.len()
    }
}

fn holds<K: Hash + Eq>(set: &HashMap<K, Timestamp>, key: &K) -> bool {
    !set.is_empty() && set.contains_key(key)
}

fn later<K: Hash + Eq>(set: &mut HashMap<K, Timestamp>, key: K, exp: Timestamp) {
    let kept = set.entry(key).or_insert(exp);
    *kept = exp.max(*kept);
}
