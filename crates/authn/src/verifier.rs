//! Judging a token by the snapshots of keys and revocations.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use contracts::auth::SessionRevoked;
use jiff::{SignedDuration, Timestamp};
use problem::Problem;
use serde::de::DeserializeOwned;
use tokio::sync::Notify;
use url::Url;

use crate::cache::Cache;
use crate::compact::Compact;
use crate::revoked::Revoked;
use crate::{
    AUDIENCE, Claims, Config, Identity, Keys, LIFETIME, SERVICE_LIFETIME, SERVICE_TOKEN_TYPE, ServiceClaims,
    ServiceIdentity, Snapshot, TOKEN_TYPE, refusals,
};

/// How far clocks may differ.
pub(crate) const SKEW: SignedDuration = SignedDuration::from_secs(30);
/// No token of ours is longer.
const LONGEST_TOKEN: usize = 4096;

/// Judges bearer tokens. Clones share keys, revocations and cache.
#[derive(Clone)]
pub struct Verifier(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    issuer: String,
    pub(crate) auth_internal_url: Option<Url>,
    ring: ArcSwap<Ring>,
    revoked: ArcSwap<Revoked>,
    has_snapshot: AtomicBool,
    cache: Cache,
    /// Told when a token names a key that is not here.
    pub(crate) wanted: Notify,
}

/// The key set, and which one it is.
struct Ring {
    keys: Keys,
    generation: u64,
    read_at: Instant,
}

impl Verifier {
    /// A verifier that has nothing yet; [`Verifier::keep_fresh`] brings keys and revocations.
    pub fn new(config: Config) -> Self {
        Self::build(config.issuer, Some(config.auth_internal_url), Keys::default(), false)
    }

    /// A verifier with these keys that is ready at once: for auth itself, and for tests.
    pub fn with_keys(issuer: impl Into<String>, keys: Keys) -> Self {
        Self::build(issuer.into(), None, keys, true)
    }

    fn build(issuer: String, auth_internal_url: Option<Url>, keys: Keys, has_snapshot: bool) -> Self {
        Self(Arc::new(Inner {
            issuer,
            auth_internal_url,
            ring: ArcSwap::from_pointee(Ring { keys, generation: 0, read_at: Instant::now() }),
            revoked: ArcSwap::default(),
            has_snapshot: AtomicBool::new(has_snapshot),
            cache: Cache::new(),
            wanted: Notify::new(),
        }))
    }

    /// Who this token is, or why not. Remembers signatures; looks at expiry and revocation each time.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Arc<Identity>, Problem> {
        let generation = self.generation();
        let known = self.0.cache.find(token, generation);
        let (identity, known) = match known {
            Some(identity) => (identity, true),
            None => (self.verified(token, now)?, false),
        };
        match self.still_valid(&identity, now) {
            Ok(()) if known => {}
            Ok(()) => self.0.cache.keep(token, generation, identity.clone()),
            Err(refusal) => {
                self.0.cache.forget(token);
                return Err(refusal);
            }
        }
        Ok(identity)
    }

    /// The same, remembering nothing: for a caller with a cache of its own, cleared when [`Verifier::generation`]
    /// changes, that asks [`Verifier::still_valid`] at every hit.
    pub fn verify_uncached(&self, token: &str, now: Timestamp) -> Result<Arc<Identity>, Problem> {
        let identity = self.verified(token, now)?;
        self.still_valid(&identity, now)?;
        Ok(identity)
    }

    /// Whether a token verified before is still to be accepted: not expired, not revoked.
    pub fn still_valid(&self, identity: &Identity, now: Timestamp) -> Result<(), Problem> {
        in_time(identity.issued_at, identity.expires_at, now)?;
        if self.0.revoked.load().concerns(identity, now) {
            return Err(refusals::revoked());
        }
        Ok(())
    }

    /// Which service this token is, if it is a service token for `audience`, or why not. It remembers nothing: a service
    /// that calls often keeps its token, and 60 µs are little beside a call.
    pub fn verify_service(&self, token: &str, audience: &str, now: Timestamp) -> Result<ServiceIdentity, Problem> {
        let identity = ServiceIdentity::of(self.service_claims(token, now)?);
        identity.filter(|identity| identity.audience == audience).ok_or_else(refusals::invalid)
    }

    /// All that a service token says, whomever it is for: for auth, which is asked about all of them.
    pub fn service_claims(&self, token: &str, now: Timestamp) -> Result<ServiceClaims, Problem> {
        if !self.has_keys() {
            return Err(refusals::not_ready());
        }
        let claims: ServiceClaims = self.claims(token, SERVICE_TOKEN_TYPE).ok_or_else(refusals::invalid)?;
        if !is_dated(claims.iat, claims.exp, SERVICE_LIFETIME) || claims.iss != self.0.issuer {
            return Err(refusals::invalid());
        }
        let identity = ServiceIdentity::of(claims.clone()).ok_or_else(refusals::invalid)?;
        in_time(identity.issued_at, identity.expires_at, now)?;
        if self.0.revoked.load().has_token(&identity.token) { Err(refusals::revoked()) } else { Ok(claims) }
    }

    /// All that an access token says, if it is accepted: for auth, which is asked about it. It remembers nothing.
    pub fn access_claims(&self, token: &str, now: Timestamp) -> Result<Claims, Problem> {
        let claims = self.signed(token, now)?;
        let identity = Identity::of(claims.clone()).ok_or_else(refusals::invalid)?;
        self.still_valid(&identity, now)?;
        Ok(claims)
    }

    /// Refuses from now on the tokens that `event` speaks of.
    pub fn revoke(&self, event: &SessionRevoked, now: Timestamp) {
        self.absorb(std::slice::from_ref(event), now);
    }

    /// Takes over a whole snapshot; what is already known stays.
    pub fn take_snapshot(&self, snapshot: &Snapshot, now: Timestamp) {
        self.absorb(&snapshot.items, now);
        self.0.has_snapshot.store(true, Ordering::Release);
    }

    /// Takes this key set; tokens verified with another are judged anew.
    pub fn set_keys(&self, keys: Keys) {
        let before = self.0.ring.load();
        let same = before.keys.same_as(&keys);
        let generation = before.generation + u64::from(!same);
        self.0.ring.store(Arc::new(Ring { keys, generation, read_at: Instant::now() }));
        if !same {
            self.0.cache.clear();
        }
    }

    /// Grows with each change of the key set.
    pub fn generation(&self) -> u64 {
        self.0.ring.load().generation
    }

    /// Whether it has keys and knows what is revoked.
    pub fn ready(&self) -> bool {
        self.0.has_snapshot.load(Ordering::Acquire) && !self.0.ring.load().keys.is_empty()
    }

    /// How long ago the keys were read.
    pub fn keys_age(&self) -> Duration {
        self.0.ring.load().read_at.elapsed()
    }

    /// Forgets revocations that concern no token any more.
    pub(crate) fn prune(&self, now: Timestamp) {
        if self.0.revoked.load().is_prunable(now) {
            self.0.revoked.rcu(|revoked| revoked.pruned(now));
        }
    }

    pub(crate) fn has_keys(&self) -> bool {
        !self.0.ring.load().keys.is_empty()
    }

    fn absorb(&self, events: &[SessionRevoked], now: Timestamp) {
        if events.is_empty() {
            return;
        }
        self.0.revoked.rcu(|revoked| revoked.with(events));
        tracing::debug!(revoked = self.0.revoked.load().len(), at = %now, "revocations known");
    }

    /// The signature, and all that is in the token; not whether it is expired or revoked.
    fn verified(&self, token: &str, now: Timestamp) -> Result<Arc<Identity>, Problem> {
        Identity::of(self.signed(token, now)?).map(Arc::new).ok_or_else(refusals::invalid)
    }

    fn signed(&self, token: &str, now: Timestamp) -> Result<Claims, Problem> {
        if !self.has_keys() {
            return Err(refusals::not_ready());
        }
        let claims: Claims = self.claims(token, TOKEN_TYPE).ok_or_else(refusals::invalid)?;
        let dated = is_dated(claims.iat, claims.exp, LIFETIME);
        let ours = claims.iss == self.0.issuer && claims.aud == [AUDIENCE] && claims.kind == "access";
        if !dated || !ours {
            return Err(refusals::invalid());
        }
        if claims.nbf.is_some_and(|nbf| nbf > now.as_second().saturating_add(SKEW.as_secs())) {
            return Err(refusals::expired());
        }
        Ok(claims)
    }

    /// What a token of this `typ` says, if one of auth's keys signed it.
    fn claims<T: DeserializeOwned>(&self, token: &str, typ: &str) -> Option<T> {
        let compact = Compact::read(token, LONGEST_TOKEN).filter(|compact| compact.header.typ == typ)?;
        let ring = self.0.ring.load();
        if !ring.keys.has(&compact.header.kid) {
            self.0.wanted.notify_one();
            return None;
        }
        compact.payload(&ring.keys)
    }
}

/// Whether it lives, and not longer than it may.
fn is_dated(iat: i64, exp: i64, longest: SignedDuration) -> bool {
    exp.checked_sub(iat).is_some_and(|secs| (1..=longest.as_secs()).contains(&secs))
}

/// Whether its time has come and is not over.
fn in_time(issued_at: Timestamp, expires_at: Timestamp, now: Timestamp) -> Result<(), Problem> {
    let early = issued_at.duration_since(now) > SKEW;
    if early || now.duration_since(expires_at) >= SKEW { Err(refusals::expired()) } else { Ok(()) }
}
