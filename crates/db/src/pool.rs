//! The pool.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use clock::Clock;
use deadpool::Runtime;
use deadpool::managed::{Object, Pool, PoolError, QueueMode, TimeoutType, Timeouts};
use diesel_async::SimpleAsyncConnection;
use settings::ExposeSecret;

use crate::connector::Connector;
use crate::{Config, Connection, Error, config};

/// How long a caller waits for a free connection.
const WAIT: Duration = Duration::from_millis(250);
/// How long a new connection may take, its login included.
const CREATE: Duration = Duration::from_secs(2);
/// How long the question whether the server is well may take.
const HEALTH: Duration = Duration::from_millis(180);

/// The database of one service. Clones share one pool.
#[derive(Clone)]
pub struct Db(Arc<Shared>);

struct Shared {
    pool: Pool<Connector>,
    listener: Connector,
    clock: Clock,
    active: metrics::Gauge,
}

/// A pooled connection; goes back when dropped.
pub struct Conn {
    link: Option<Object<Connector>>,
    active: metrics::Gauge,
}

impl Db {
    /// A pool whose connections are driven by the current runtime, which must outlive it. The server need not be
    /// there yet: until it is, every call is [`Error::Busy`].
    pub async fn open(config: &Config, clock: Clock) -> Result<Self, Error> {
        let connector = Connector::new(config::limited(config.url.expose_secret())?)?;
        let db = Self::over(connector, config.pool, clock)?;
        if let Err(error) = db.conn().await {
            tracing::warn!(%error, "the database is not there yet");
        }
        Ok(db)
    }

    /// The same database over a pool of its own, as large, whose connections are driven by the runtime of this thread:
    /// what an actix worker asks for itself, so that no query is handed from thread to thread.
    #[must_use]
    pub fn here(&self) -> Self {
        let size = self.0.pool.status().max_size;
        Self::over(self.0.listener.here(), size, self.0.clock.clone()).unwrap_or_else(|_| self.clone())
    }

    fn over(connector: Connector, size: usize, clock: Clock) -> Result<Self, Error> {
        let pool = Pool::builder(connector.clone())
            .max_size(size)
            // The connection that was used last has its plans and pages at hand; the others rest until they are needed.
            .queue_mode(QueueMode::Lifo)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(CREATE))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(Error::other)?;
        let active = metrics::gauge!("db_connections_active");
        Ok(Self(Arc::new(Shared { pool, listener: connector, clock, active })))
    }

    /// A connection of the pool. [`Error::Busy`] after 250 ms without a free one.
    pub async fn conn(&self) -> Result<Conn, Error> {
        let link = self.0.pool.get().await.map_err(refused)?;
        self.0.active.increment(1.0);
        Ok(Conn { link: Some(link), active: self.0.active.clone() })
    }

    /// A connection of one's own beside the pool, for `LISTEN` and for locks held long; driven by the current runtime.
    pub async fn listener(&self) -> Result<Connection, Error> {
        self.0.listener.listening().await
    }

    /// The clock that transactions take their `now` from.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Whether the server answers. A pool that is all in use is busy, not ill.
    pub async fn healthy(&self) -> bool {
        let ask = async {
            let now = Timeouts { wait: Some(Duration::ZERO), create: Some(HEALTH), recycle: None };
            match self.0.pool.timeout_get(&now).await {
                Ok(mut link) => link.connection.batch_execute("SELECT").await.is_ok(),
                Err(PoolError::Timeout(TimeoutType::Wait)) => true,
                Err(_) => false,
            }
        };
        tokio::time::timeout(HEALTH, ask).await.unwrap_or(false)
    }
}

impl Conn {
    /// Takes the connection out of the pool and closes it: what it was doing is nobody's any more.
    pub(crate) fn abandon(&mut self) {
        if let Some(link) = self.link.take() {
            self.active.decrement(1.0);
            drop(Object::take(link));
        }
    }
}

impl Deref for Conn {
    type Target = Connection;
    #[expect(clippy::expect_used, reason = "it is taken only by `abandon`, whose callers own it and drop it")]
    fn deref(&self) -> &Connection {
        &self.link.as_ref().expect("a connection in use").connection
    }
}

impl DerefMut for Conn {
    #[expect(clippy::expect_used, reason = "it is taken only by `abandon`, whose callers own it and drop it")]
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.link.as_mut().expect("a connection in use").connection
    }
}

impl Drop for Conn {
    fn drop(&mut self) {
        if self.link.is_some() {
            self.active.decrement(1.0);
        }
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Db").field(&self.0.pool.status()).finish()
    }
}

impl fmt::Debug for Conn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Conn")
    }
}

fn refused(error: PoolError<Error>) -> Error {
    match error {
        PoolError::Backend(error) => error,
        PoolError::Timeout(step) => Error::Busy(format!("no connection in time ({step:?})")).counted(),
        other => Error::Busy(format!("no connection: {other:?}")).counted(),
    }
}
