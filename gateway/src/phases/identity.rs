//! Who is calling, by the token; remembered by this core, looked at again at every call.

use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;

use authn::{Identity, Verifier};
use contracts::Role;
use jiff::Timestamp;
use lru::LruCache;
use problem::{Problem, codes};

use super::Noted;
use crate::table::Who;

/// Tokens that a core remembers: about a kilobyte each.
const REMEMBERED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(16_383);

/// What this core verified before, under one set of keys.
pub(crate) struct Tokens {
    verifier: Verifier,
    known: LruCache<Box<[u8]>, Known>,
    generation: u64,
}

/// Somebody whose token was verified, and the account's id as text.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) identity: Arc<Identity>,
    pub(crate) user: Rc<str>,
}

/// Who is calling, or why not; nothing where nobody has to say and nobody did.
pub(crate) fn identity(
    tokens: &mut Tokens,
    who: Who,
    noted: &Noted<'_>,
    now: Timestamp,
) -> Result<Option<Known>, Problem> {
    if who == Who::Open {
        return Ok(None);
    }
    let Some(token) = bearer(noted) else {
        return if who == Who::Any && noted.authorizations == 0 { Ok(None) } else { Err(authn::missing()) };
    };
    let known = tokens.identify(token, now)?;
    let identity = &known.identity;
    let enters = match who {
        Who::Open | Who::Any | Who::User => true,
        Who::Coach => identity.is_admin() || identity.roles.has(Role::Coach),
        Who::Admin => identity.is_admin(),
    };
    if enters { Ok(Some(known)) } else { Err(Problem::new(&codes::FORBIDDEN)) }
}

/// The token of a request that has exactly one.
fn bearer<'h>(noted: &Noted<'h>) -> Option<&'h [u8]> {
    let value = noted.authorization.filter(|_| noted.authorizations == 1)?;
    let (scheme, token) = value.split_at_checked(b"bearer ".len())?;
    (scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty()).then_some(token)
}

impl Tokens {
    pub(crate) fn new(verifier: Verifier) -> Self {
        Self { known: LruCache::new(REMEMBERED), generation: verifier.generation(), verifier }
    }

    fn identify(&mut self, token: &[u8], now: Timestamp) -> Result<Known, Problem> {
        let generation = self.verifier.generation();
        if generation != self.generation {
            self.known.clear();
            self.generation = generation;
        }
        if let Some(known) = self.known.get(token) {
            if let Err(refusal) = self.verifier.still_valid(&known.identity, now) {
                self.known.pop(token);
                return Err(refusal);
            }
            return Ok(known.clone());
        }
        let text = std::str::from_utf8(token).map_err(|_| authn::missing())?;
        let identity = self.verifier.verify_uncached(text, now)?;
        let known = Known { user: identity.user.to_string().into(), identity };
        self.known.put(token.into(), known.clone());
        Ok(known)
    }
}
