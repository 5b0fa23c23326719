//! Remembering values of one kind.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clock::Clock;
use jiff::{SignedDuration, Timestamp};
use metrics::Counter;
use moka::ops::compute::Op;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Redis;
use crate::entry::Entry;

/// What is remembered at most in this process, per cache.
const CAPACITY: u64 = 10_000;
/// How long this process believes what another may have invalidated in Redis.
const BELIEVED: SignedDuration = SignedDuration::from_secs(2);

/// Remembers values of one kind under a name. Clones share what they remember.
pub struct Cache<T>(Arc<Inner<T>>);

struct Inner<T> {
    name: &'static str,
    redis: Option<Redis>,
    clock: Clock,
    local: moka::future::Cache<String, Local<T>>,
    /// Counts invalidations: what was being loaded before one is answered, not kept.
    generation: AtomicU64,
    hits: Counter,
    misses: Counter,
}

/// What this process holds: an entry, and for how long it may be believed without asking Redis again.
#[derive(Clone)]
struct Local<T> {
    entry: Entry<T>,
    believed: Entry<()>,
}

impl<T> Clone for Cache<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Cache<T>
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    /// A cache called `name`; without Redis it remembers in this process alone.
    pub fn new(name: &'static str, redis: Option<Redis>, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            name,
            redis,
            clock,
            local: moka::future::Cache::new(CAPACITY),
            generation: AtomicU64::new(0),
            hits: metrics::counter!("cache_hits_total", "cache" => name),
            misses: metrics::counter!("cache_misses_total", "cache" => name),
        }))
    }

    /// What is remembered under `key`, or what `load` answers, then remembered for `ttl`, give or take a tenth.
    /// Of many who ask for one key at once, one loads and all get its answer. Errors are not remembered.
    pub async fn get_or_load<E>(
        &self,
        key: &str,
        ttl: Duration,
        load: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Arc<E>>
    where
        E: Send + Sync + 'static,
    {
        let inner = &*self.0;
        let now = inner.clock.now();
        if let Some(local) = inner.local.get(key).await {
            if local.believed.holds(now) {
                inner.hits.increment(1);
                return Ok(local.entry.value);
            }
            self.forget_stale(key).await;
        }
        let fill = async {
            if let Some(entry) = self.shared(key, now).await {
                inner.hits.increment(1);
                return Ok(self.believe(entry, now));
            }
            inner.misses.increment(1);
            let generation = inner.generation.load(Ordering::Acquire);
            let value = load.await?;
            let kept = inner.generation.load(Ordering::Acquire) == generation;
            let entry = Entry::new(value, inner.clock.now(), if kept { jittered(ttl) } else { SignedDuration::ZERO });
            if kept {
                self.share(key, &entry).await;
            }
            Ok(self.believe(entry, inner.clock.now()))
        };
        Ok(inner.local.try_get_with_by_ref(key, fill).await?.entry.value)
    }

    /// Forgets `key`, here at once and in other processes within two seconds.
    pub async fn invalidate(&self, key: &str) {
        self.0.generation.fetch_add(1, Ordering::AcqRel);
        self.0.local.invalidate(key).await;
        if let Some(redis) = &self.0.redis {
            // Away: what Redis holds ends with its own time to live.
            let _ = redis.remove(self.redis_key(key)).await;
        }
    }

    async fn forget_stale(&self, key: &str) {
        let inner = &*self.0;
        let remove_stale = |held: Option<moka::Entry<String, Local<T>>>| {
            let stale = held.is_some_and(|held| !held.value().believed.holds(inner.clock.now()));
            std::future::ready(if stale { Op::Remove } else { Op::Nop })
        };
        inner.local.entry_by_ref(key).and_compute_with(remove_stale).await;
    }

    fn believe(&self, entry: Entry<T>, now: Timestamp) -> Local<T> {
        let left = entry.left(now);
        let believed = if self.0.redis.is_some() { left.min(BELIEVED) } else { left };
        Local { entry, believed: Entry::new((), now, believed) }
    }

    async fn shared(&self, key: &str, now: Timestamp) -> Option<Entry<T>> {
        let bytes = self.0.redis.as_ref()?.fetch(self.redis_key(key)).await.ok()??;
        serde_json::from_slice(&bytes).ok().filter(|entry: &Entry<T>| entry.holds(now))
    }

    async fn share(&self, key: &str, entry: &Entry<T>) {
        let (Some(redis), Ok(bytes)) = (&self.0.redis, serde_json::to_vec(entry)) else { return };
        let left = entry.left(self.0.clock.now()).unsigned_abs();
        // Away: the next one to ask loads again.
        let _ = redis.store(self.redis_key(key), bytes, left).await;
    }

    fn redis_key(&self, key: &str) -> String {
        format!("cache:{}:{key}", self.0.name)
    }
}

/// `ttl`, up to a tenth shorter or longer, so that what was stored together does not expire together.
fn jittered(ttl: Duration) -> SignedDuration {
    let jittered = ttl.mul_f64(rand::random_range(0.9..1.1));
    SignedDuration::try_from(jittered).unwrap_or(SignedDuration::MAX)
}
