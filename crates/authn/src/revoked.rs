//! What was revoked, and whether that concerns a token.

use std::collections::HashMap;
use std::hash::Hash;

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

/// All that is revoked. Values are when the last token concerned has expired.
#[derive(Clone, Debug, Default)]
pub(crate) struct Revoked {
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
    pub(crate) fn add(&mut self, event: &SessionRevoked) {
        if let Some(session) = event.sid {
            later(&mut self.sessions, session, event.exp);
        }
        if let Some(token) = event.jti {
            later(&mut self.tokens, token, event.exp);
        }
        if let (Some(user), Some(not_before)) = (event.user_id, event.not_before) {
            let moment = self.users.entry(user).or_insert(Moment { not_before, exp: event.exp });
            if moment.not_before <= not_before {
                *moment = Moment { not_before, exp: event.exp };
            }
        }
    }

    /// Forgets what concerns no token any more.
    pub(crate) fn prune(&mut self, now: Timestamp) {
        let needed = |exp: &Timestamp| now.duration_since(*exp) <= SKEW + SKEW;
        self.sessions.retain(|_, exp| needed(exp));
        self.tokens.retain(|_, exp| needed(exp));
        self.users.retain(|_, moment| needed(&moment.exp));
    }

    pub(crate) fn is_prunable(&self, now: Timestamp) -> bool {
        let over = |exp: &Timestamp| now.duration_since(*exp) > SKEW + SKEW;
        self.sessions.values().any(over)
            || self.tokens.values().any(over)
            || self.users.values().any(|moment| over(&moment.exp))
    }

    /// Whether this token is refused. One that ends all earlier tokens of an account from a moment that is still to
    /// come was dated by a clock that has since travelled back: it blocks nobody.
    pub(crate) fn concerns(&self, identity: &Identity, now: Timestamp) -> bool {
        holds(&self.sessions, &identity.session)
            || holds(&self.tokens, &identity.token)
            || (!self.users.is_empty()
                && self.users.get(&identity.user).is_some_and(|moment| {
                    identity.issued_at < moment.not_before && moment.not_before.duration_since(now) <= SKEW
                }))
    }

    pub(crate) fn len(&self) -> usize {
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
