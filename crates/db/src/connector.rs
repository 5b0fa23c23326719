//! How a connection is made, kept and given up.
//!
//! Connections are driven on the runtime that opened the pool: an actix worker is a runtime of its own, and what it
//! opened would die with it. A connection whose driver has ended is known to be dead without asking the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel_async::{AnsiTransactionManager, AsyncConnection, TransactionManager};
use tokio::runtime::Handle;
use tokio_postgres::NoTls;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Connection, Error, config};

/// Older connections are replaced when they are next asked for, so that a fleet spreads over servers again.
const LONGEST_LIFE: Duration = Duration::from_mins(30);

/// Makes connections.
#[derive(Clone)]
pub(crate) struct Connector {
    pg: tokio_postgres::Config,
    tls: Option<MakeRustlsConnect>,
    runtime: Handle,
    queries: metrics::Counter,
}

/// A connection, and whether its driver still runs.
pub(crate) struct Link {
    pub(crate) connection: Connection,
    alive: Arc<AtomicBool>,
}

impl Connector {
    /// A connector whose connections are driven by the current runtime.
    pub(crate) fn new(pg: tokio_postgres::Config) -> Result<Self, Error> {
        let tls = if config::wants_tls(&pg) { Some(tls()?) } else { None };
        Ok(Self { pg, tls, runtime: Handle::current(), queries: metrics::counter!("db_queries_total") })
    }

    /// The same, with connections driven by the runtime of the current thread.
    pub(crate) fn here(&self) -> Self {
        Self { runtime: Handle::current(), ..self.clone() }
    }

    /// A connection whose notifications can be read (`LISTEN`), for one owner. It is driven by the current runtime.
    pub(crate) async fn listening(&self) -> Result<Connection, Error> {
        let connected = match &self.tls {
            Some(tls) => {
                let (client, driver) = self.pg.connect(tls.clone()).await.map_err(unreachable)?;
                Connection::try_from_client_and_connection(client, driver).await
            }
            None => {
                let (client, driver) = self.pg.connect(NoTls).await.map_err(unreachable)?;
                Connection::try_from_client_and_connection(client, driver).await
            }
        };
        connected.map_err(Error::busy)
    }

    async fn link(self) -> Result<Link, Error> {
        match (&self.tls, config::socket(&self.pg)) {
            (Some(tls), _) => {
                let (client, driver) = self.pg.connect(tls.clone()).await.map_err(unreachable)?;
                self.driven(client, driver).await
            }
            (None, Some(socket)) => {
                let stream = tokio::time::timeout(config::CONNECT, uds::Stream::connect(&socket)).await;
                let stream = stream.map_err(Error::busy)?.map_err(|e| Error::busy(e).counted())?;
                let (client, driver) = self.pg.connect_raw(stream, NoTls).await.map_err(unreachable)?;
                self.driven(client, driver).await
            }
            (None, None) => {
                let (client, driver) = self.pg.connect(NoTls).await.map_err(unreachable)?;
                self.driven(client, driver).await
            }
        }
    }

    async fn driven(
        &self,
        client: tokio_postgres::Client,
        driver: impl Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static,
    ) -> Result<Link, Error> {
        let alive = Arc::new(AtomicBool::new(true));
        let end = alive.clone();
        self.runtime.spawn(async move {
            let ended = driver.await;
            end.store(false, Ordering::Relaxed);
            if let Err(error) = ended {
                tracing::warn!(%error, "a database connection was lost");
            }
        });
        let mut connection = Connection::try_from(client).await.map_err(Error::busy)?;
        connection.set_instrumentation(Queries(self.queries.clone()));
        Ok(Link { connection, alive })
    }
}

impl Manager for Connector {
    type Type = Link;
    type Error = Error;

    async fn create(&self) -> Result<Link, Error> {
        self.runtime.spawn(self.clone().link()).await.map_err(Error::busy)?
    }

    /// Asks the server nothing: a query more on every request would cost more than it saves.
    async fn recycle(&self, link: &mut Link, metrics: &Metrics) -> RecycleResult<Error> {
        if !link.alive.load(Ordering::Relaxed) {
            return Err(RecycleError::message("the connection was lost"));
        }
        if AnsiTransactionManager::is_broken_transaction_manager(&mut link.connection) {
            return Err(RecycleError::message("a transaction was left open"));
        }
        if metrics.age() > LONGEST_LIFE {
            return Err(RecycleError::message("the connection is old"));
        }
        Ok(())
    }
}

/// Counts statements.
struct Queries(metrics::Counter);

impl Instrumentation for Queries {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { .. } = event {
            self.0.increment(1);
        }
    }
}

/// Certificates that this machine trusts (`SSL_CERT_FILE` names others).
fn tls() -> Result<MakeRustlsConnect, Error> {
    match MakeRustlsConnect::with_native_certs() {
        Ok((tls, _)) => Ok(tls),
        Err(errors) => Err(Error::other(format!("no trusted certificates on this machine: {errors:?}"))),
    }
}

/// The server is away, or refused us: either way, not now.
fn unreachable(error: tokio_postgres::Error) -> Error {
    let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    Error::busy(format!("{error} {cause}")).counted()
}
