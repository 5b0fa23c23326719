mod with_redis;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clock::Clock;
use jiff::{SignedDuration, Timestamp};

use super::*;

const TTL: Duration = Duration::from_secs(300);

fn noon() -> Clock {
    Clock::fixed("2026-03-01T12:00:00Z".parse::<Timestamp>().unwrap())
}

/// A server that nobody listens for.
fn away() -> Redis {
    Redis::open(&"redis://127.0.0.1:1".to_owned().into()).unwrap()
}

struct Source {
    loads: AtomicUsize,
    value: AtomicUsize,
}

impl Source {
    fn new(value: usize) -> Arc<Self> {
        Arc::new(Self { loads: AtomicUsize::new(0), value: AtomicUsize::new(value) })
    }

    async fn load(&self) -> Result<usize, &'static str> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        Ok(self.value.load(Ordering::SeqCst))
    }

    fn set(&self, value: usize) {
        self.value.store(value, Ordering::SeqCst);
    }

    fn loads(&self) -> usize {
        self.loads.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_thousand_askers_of_one_key_load_it_once() {
    let (cache, source) = (Cache::new("once", None, noon()), Source::new(7));
    let asked = (0..1_000).map(|_| {
        let (cache, source) = (cache.clone(), Arc::clone(&source));
        async move { cache.get_or_load("k", TTL, source.load()).await.unwrap() }
    });
    let all = tokio::task::LocalSet::new();
    let asked: Vec<_> = asked.map(|one| all.spawn_local(one)).collect();
    all.await;
    for answer in asked {
        assert_eq!(answer.await.unwrap(), 7);
    }
    assert_eq!(source.loads(), 1);
}

#[tokio::test]
async fn an_entry_holds_only_within_its_span_by_the_fleets_clock() {
    let (clock, source) = (noon(), Source::new(1));
    let cache = Cache::new("dated", None, clock.clone());
    let ask = || async { cache.get_or_load("k", TTL, source.load()).await.unwrap() };
    ask().await;
    clock.advance(SignedDuration::from_secs(260));
    ask().await;
    assert_eq!(source.loads(), 1, "still within its span, whatever the jitter");
    clock.advance(SignedDuration::from_secs(80));
    ask().await;
    assert_eq!(source.loads(), 2, "over");
    clock.advance(SignedDuration::from_hours(-24));
    ask().await;
    assert_eq!(source.loads(), 3, "the clock travelled back: dated in the future, it does not hold");
}

#[tokio::test]
async fn what_was_being_loaded_when_it_was_invalidated_is_not_kept() {
    let (cache, source) = (Cache::new("raced", None, noon()), Source::new(1));
    let slow = cache.get_or_load("k", TTL, async {
        let old = source.load().await?;
        source.value.store(2, Ordering::SeqCst);
        cache.invalidate("k").await;
        Ok::<_, &'static str>(old)
    });
    assert_eq!(slow.await.unwrap(), 1);
    assert_eq!(cache.get_or_load("k", TTL, source.load()).await.unwrap(), 2);
}

#[tokio::test]
async fn errors_are_answered_and_not_remembered() {
    let (cache, source) = (Cache::new("failing", None, noon()), Source::new(5));
    let failed = cache.get_or_load("k", TTL, async { Err::<usize, _>("no") }).await;
    assert_eq!(*failed.unwrap_err(), "no");
    assert_eq!(cache.get_or_load("k", TTL, source.load()).await.unwrap(), 5);
}

#[tokio::test]
async fn a_redis_that_is_away_is_passed_over_and_then_left_alone() {
    let (redis, source) = (away(), Source::new(3));
    let cache = Cache::new("bypass", Some(redis.clone()), noon());
    assert_eq!(cache.get_or_load("k", TTL, source.load()).await.unwrap(), 3);
    let started = Instant::now();
    for _ in 0..1_000 {
        assert!(!redis.healthy().await);
    }
    assert!(started.elapsed() < Duration::from_secs(5), "a rest costs nothing: {:?}", started.elapsed());
}

#[test]
fn a_url_that_is_none_is_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let opened = runtime.block_on(async { Redis::open(&"not a url".to_owned().into()) });
    assert!(opened.is_err());
}
