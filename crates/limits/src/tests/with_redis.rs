//! The same with a real Redis, that comes and goes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use backing::{Plan, Ports};
use cache::Redis;
use clock::Clock;
use jiff::SignedDuration;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use settings::SecretString;

use super::{FIVE, noon, passed};
use crate::Limiter;

/// A private Redis of this test's own.
struct Server {
    dir: PathBuf,
    redis: Option<backing::Redis>,
}

impl Server {
    async fn start(name: &str) -> Self {
        let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../target/limits-{name}"));
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

/// A process of its own, as far as limits go.
async fn process(server: &Server, clock: &Clock) -> Limiter {
    let redis = Redis::open(&server.url()).unwrap();
    until("redis answers", async || redis.healthy().await).await;
    Limiter::new(Some(redis), clock.clone())
}

async fn passed_shared(limiter: &Limiter, key: &str, calls: u32) -> u32 {
    let mut passed = 0;
    for _ in 0..calls {
        passed += u32::from(limiter.check_shared(&FIVE, key, 1).await.allowed);
    }
    passed
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_share_an_exact_quota() {
    let (server, clock) = (Server::start("exact").await, noon());
    let (one, two) = (process(&server, &clock).await, process(&server, &clock).await);
    let (first, second) = tokio::join!(passed_shared(&one, "ada", 20), passed_shared(&two, "ada", 20));
    assert_eq!(first + second, 5);
    assert_eq!(passed_shared(&two, "bob", 9).await, 5);
    clock.advance(SignedDuration::from_secs(12));
    assert_eq!(passed_shared(&one, "ada", 9).await + passed_shared(&two, "ada", 9).await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_let_pass_the_others_hear_of() {
    let (server, clock) = (Server::start("told").await, noon());
    let (one, two) = (process(&server, &clock).await, process(&server, &clock).await);
    assert_eq!((passed(&one, &FIVE, "ada", 3), passed(&two, &FIVE, "ada", 1)), (3, 1));
    one.reconcile_once().await;
    two.reconcile_once().await;
    assert_eq!(passed(&two, &FIVE, "ada", 9), 1, "three there and two here are five");
    two.reconcile_once().await;
    one.reconcile_once().await;
    assert_eq!(one.check(&FIVE, "ada", 1).remaining, 1, "nothing was spent here since, so nothing was heard");
    one.reconcile_once().await;
    assert_eq!(passed(&one, &FIVE, "ada", 9), 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_dies_and_comes_back_empty_frees_nobody() {
    let (mut server, clock) = (Server::start("dies").await, noon());
    let limiter = process(&server, &clock).await;
    assert_eq!(passed_shared(&limiter, "ada", 4).await, 4);
    server.kill();
    let asked = Instant::now();
    assert_eq!(passed_shared(&limiter, "ada", 9).await, 1, "the mark of this process goes on");
    assert!(asked.elapsed() < Duration::from_millis(500), "{:?}", asked.elapsed());
    std::fs::remove_dir_all(server.dir.join("redis")).unwrap();
    server.restart().await;
    let redis = Redis::open(&server.url()).unwrap();
    until("redis answers again", async || redis.healthy().await).await;
    assert_eq!(passed_shared(&limiter, "ada", 9).await, 0);
    clock.advance(SignedDuration::from_secs(60));
    let counted = async || {
        limiter.check_shared(&FIVE, "bob", 1).await;
        Limiter::new(Some(redis.clone()), clock.clone()).check_shared(&FIVE, "bob", 1).await.remaining < 3
    };
    until("it counts in redis again", counted).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_that_redis_kept_from_the_future_holds_for_one_window_at_most() {
    let (server, clock) = (Server::start("travel").await, noon());
    clock.advance(SignedDuration::from_hours(36));
    assert_eq!(passed_shared(&process(&server, &clock).await, "ada", 9).await, 5);
    clock.advance(SignedDuration::from_hours(-36));
    let later = process(&server, &clock).await;
    let refused = later.check_shared(&FIVE, "ada", 1).await;
    assert!(!refused.allowed && refused.retry_after_secs <= 60, "{refused:?}");
    clock.advance(SignedDuration::from_secs(61));
    assert_eq!(passed_shared(&later, "ada", 9).await, 5);
    server.stop().await;
}
