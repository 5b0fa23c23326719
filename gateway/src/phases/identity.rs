//! Who is calling, by the token; remembered by this core, looked at again at every call.

use std::num::NonZeroUsize;
use std::sync::Arc;

use authn::{Identity, Verifier};
use contracts::Role;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use lru::LruCache;
use problem::{Problem, codes};

use crate::table::Who;

/// Tokens that a core remembers: about a kilobyte each.
const REMEMBERED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(16_383);

/// What this core verified before, under one set of keys.
pub(crate) struct Tokens {
    verifier: Verifier,
    known: LruCache<Box<str>, Arc<Identity>>,
    generation: u64,
}

/// Who is calling, or why not; nothing where nobody has to say and nobody did.
pub(crate) fn identity(
    tokens: &mut Tokens,
    who: Who,
    request: &HeaderMap,
    now: Timestamp,
) -> Result<Option<Arc<Identity>>, Problem> {
    if who == Who::Open {
        return Ok(None);
    }
    let Some(token) = bearer(request) else {
        return if who == Who::Any && !request.contains_key(AUTHORIZATION) { Ok(None) } else { Err(authn::missing()) };
    };
    let identity = tokens.identify(token, now)?;
    let enters = match who {
        Who::Open | Who::Any | Who::User => true,
        Who::Coach => identity.is_admin() || identity.roles.has(Role::Coach),
        Who::Admin => identity.is_admin(),
    };
    if enters { Ok(Some(identity)) } else { Err(Problem::new(&codes::FORBIDDEN)) }
}

/// The token of a request that has exactly one.
fn bearer(request: &HeaderMap) -> Option<&str> {
    let mut values = request.get_all(AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

impl Tokens {
    pub(crate) fn new(verifier: Verifier) -> Self {
        Self { known: LruCache::new(REMEMBERED), generation: verifier.generation(), verifier }
    }

    fn identify(&mut self, token: &str, now: Timestamp) -> Result<Arc<Identity>, Problem> {
        let generation = self.verifier.generation();
        if generation != self.generation {
            self.known.clear();
            self.generation = generation;
        }
        if let Some(identity) = self.known.get(token) {
            let identity = Arc::clone(identity);
            if let Err(refusal) = self.verifier.still_valid(&identity, now) {
                self.known.pop(token);
                return Err(refusal);
            }
            return Ok(identity);
        }
        let identity = self.verifier.verify_uncached(token, now)?;
        self.known.put(token.into(), Arc::clone(&identity));
        Ok(identity)
    }
}
