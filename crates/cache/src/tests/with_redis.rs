//! The same with a real Redis, that comes and goes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use backing::{Plan, Ports};
use clock::Clock;
use jiff::SignedDuration;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use settings::SecretString;

use super::{Source, TTL, noon};
use crate::{Cache, Redis};

/// A private Redis of this test's own.
struct Server {
    dir: PathBuf,
    redis: Option<backing::Redis>,
}

impl Server {
    async fn start(name: &str) -> Self {
        let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../target/cache-{name}"));
        let mut server = Self { dir, redis: None };
        server.restart().await;
        server
    }

    fn url(&self) -> SecretString {
        self.redis.as_ref().unwrap().url()
    }

    fn kill(&self) {
        let pid = self.redis.as_ref().unwrap().pid().unwrap();
        kill(Pid::from_raw(pid.try_into().unwrap()), Signal::SIGKILL).unwrap();
    }

    /// Its process may not be buried yet: a supervisor tries again, so does this.
    async fn restart(&mut self) {
        let mut plan = Plan::new(&self.dir, Ports::kept(&self.dir).unwrap());
        plan.mongo = false;
        let started = Instant::now();
        self.redis = loop {
            match backing::Redis::start(&plan, &()).await {
                Ok(redis) => break Some(redis),
                Err(error) => assert!(started.elapsed() < Duration::from_secs(20), "{error}"),
            }
        };
    }

    async fn stop(mut self) {
        self.redis.take().unwrap().stop().await.unwrap();
        std::fs::remove_dir_all(self.dir).unwrap();
    }
}

async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !so().await {
        assert!(started.elapsed() < Duration::from_secs(10), "never: {what}");
        tokio::task::yield_now().await;
    }
}

/// A process of its own, as far as caches go.
async fn process(server: &Server, clock: &Clock) -> Cache<usize> {
    let redis = Redis::open(&server.url()).unwrap();
    until("redis answers", async || redis.healthy().await).await;
    Cache::new("shared", Some(redis), clock.clone())
}

async fn ask(cache: &Cache<usize>, source: &Source) -> usize {
    cache.get_or_load("k", TTL, source.load()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_loaded_another_finds_until_it_is_invalidated() {
    let (server, clock, source) = (Server::start("shared").await, noon(), Source::new(1));
    let (one, two) = (process(&server, &clock).await, process(&server, &clock).await);
    assert_eq!((ask(&one, &source).await, ask(&two, &source).await, source.loads()), (1, 1, 1));
    source.set(2);
    one.invalidate("k").await;
    assert_eq!(ask(&one, &source).await, 2);
    assert_eq!(ask(&two, &source).await, 1, "for two seconds it believes what it has");
    clock.advance(SignedDuration::from_secs(2));
    assert_eq!((ask(&two, &source).await, source.loads()), (2, 2));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_redis_kept_from_the_future_does_not_hold() {
    let (server, clock, source) = (Server::start("travel").await, noon(), Source::new(1));
    ask(&process(&server, &clock).await, &source).await;
    clock.advance(SignedDuration::from_hours(-36));
    source.set(2);
    assert_eq!(ask(&process(&server, &clock).await, &source).await, 2);
    clock.advance(SignedDuration::from_hours(1));
    source.set(3);
    assert_eq!(ask(&process(&server, &clock).await, &source).await, 3, "nor one that is over");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_dies_makes_no_answer_wrong_or_late_and_is_used_again_when_it_is_back() {
    let (mut server, clock, source) = (Server::start("dies").await, noon(), Source::new(1));
    let cache = process(&server, &clock).await;
    ask(&cache, &source).await;
    server.kill();
    source.set(2);
    cache.invalidate("k").await;
    let asked = Instant::now();
    assert_eq!(ask(&cache, &source).await, 2);
    assert!(asked.elapsed() < Duration::from_millis(500), "{:?}", asked.elapsed());
    server.restart().await;
    let other = process(&server, &clock).await;
    until("it is shared again", async || {
        cache.invalidate("k").await;
        ask(&cache, &source).await;
        other.invalidate("other").await;
        let before = source.loads();
        process(&server, &clock).await.get_or_load("k", TTL, source.load()).await.unwrap();
        source.loads() == before
    })
    .await;
    server.stop().await;
}
