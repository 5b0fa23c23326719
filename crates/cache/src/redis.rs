//! The connection to Redis: bounded in time, and left alone while it is away.
//!
//! Every call runs on the runtime that opened the connection, so it does not matter which worker asks, and a caller
//! that is dropped leaves no half-read answer behind.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisError};
use settings::{ExposeSecret, SecretString};
use tokio::runtime::Handle;

/// The longest that anybody waits for Redis.
const ANSWER: Duration = Duration::from_millis(100);
const CONNECT: Duration = Duration::from_millis(500);
/// How long it is left alone after a failure.
const REST: Duration = Duration::from_millis(500);

/// A connection that comes back by itself. Clones share it.
#[derive(Clone, Debug)]
pub struct Redis(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    manager: ConnectionManager,
    home: Handle,
    opened: Instant,
    /// Milliseconds after `opened` until which it is left alone.
    resting_until: AtomicU64,
    away: AtomicBool,
}

/// A Lua script, sent whole once and by its digest from then on.
#[derive(Clone, Debug)]
pub struct Script(Arc<redis::Script>);

/// Redis did not answer in time, or is being left alone after a failure.
#[derive(Debug, thiserror::Error)]
#[error("redis is away")]
pub struct Away;

/// A URL that names no Redis server.
#[derive(Debug, thiserror::Error)]
#[error("REDIS_URL names no Redis server")]
pub struct BadUrl;

impl Script {
    /// A script of this text, answering a list of integers.
    pub fn new(text: &str) -> Self {
        Self(Arc::new(redis::Script::new(text)))
    }
}

impl Redis {
    /// Names the server; connects at the first call. To be called on the runtime that lives as long as the process.
    pub fn open(url: &SecretString) -> Result<Self, BadUrl> {
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(ANSWER))
            .set_connection_timeout(Some(CONNECT))
            .set_number_of_retries(0);
        let client = Client::open(url.expose_secret()).map_err(|_| BadUrl)?;
        let manager = ConnectionManager::new_lazy_with_config(client, config).map_err(|_| BadUrl)?;
        Ok(Self(Arc::new(Inner {
            manager,
            home: Handle::current(),
            opened: Instant::now(),
            resting_until: AtomicU64::new(0),
            away: AtomicBool::new(false),
        })))
    }

    /// Runs a script over `keys` and `args`.
    pub async fn eval(&self, script: &Script, keys: Vec<String>, args: Vec<i64>) -> Result<Vec<i64>, Away> {
        let script = script.clone();
        self.call(|mut connection| async move {
            let mut run = script.0.prepare_invoke();
            for key in keys {
                run.key(key);
            }
            for arg in args {
                run.arg(arg);
            }
            run.invoke_async(&mut connection).await
        })
        .await
    }

    /// Whether it answers now.
    pub async fn healthy(&self) -> bool {
        let pong = self.call(|mut connection| async move { redis::cmd("PING").query_async(&mut connection).await });
        matches!(pong.await, Ok(()))
    }

    pub(crate) async fn fetch(&self, key: String) -> Result<Option<Vec<u8>>, Away> {
        self.call(|mut connection| async move { redis::cmd("GET").arg(key).query_async(&mut connection).await }).await
    }

    pub(crate) async fn store(&self, key: String, value: Vec<u8>, ttl: Duration) -> Result<(), Away> {
        let ttl_ms = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1);
        self.call(|mut connection| async move {
            redis::cmd("SET").arg(key).arg(value).arg("PX").arg(ttl_ms).query_async(&mut connection).await
        })
        .await
    }

    pub(crate) async fn remove(&self, key: String) -> Result<(), Away> {
        self.call(|mut connection| async move { redis::cmd("DEL").arg(key).query_async(&mut connection).await }).await
    }

    async fn call<T, F>(&self, command: impl FnOnce(ConnectionManager) -> F) -> Result<T, Away>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, RedisError>> + Send + 'static,
    {
        if self.elapsed_ms() < self.0.resting_until.load(Ordering::Relaxed) {
            return Err(Away);
        }
        let bounded = tokio::time::timeout(ANSWER, command(self.0.manager.clone()));
        let failure = match self.0.home.spawn(bounded).await {
            Ok(Ok(Ok(answer))) => {
                if self.0.away.swap(false, Ordering::Relaxed) {
                    tracing::info!("redis answers again");
                }
                return Ok(answer);
            }
            Ok(Ok(Err(error))) => error.to_string(),
            Ok(Err(_)) => "no answer in time".to_owned(),
            Err(stopped) => stopped.to_string(),
        };
        self.rest(&failure);
        Err(Away)
    }

    fn rest(&self, failure: &str) {
        let until = self.elapsed_ms().saturating_add(u64::try_from(REST.as_millis()).unwrap_or(0));
        self.0.resting_until.store(until, Ordering::Relaxed);
        if !self.0.away.swap(true, Ordering::Relaxed) {
            tracing::warn!(error = failure, "redis is away; going on without it");
        }
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.0.opened.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
