//! Where the database is, and how much of it one process takes.

use std::path::PathBuf;
use std::time::Duration;

use settings::{ExposeSecret, Reader, SecretString};
use tokio_postgres::config::{Host, SslMode};

use crate::Error;

/// `statement_timeout` of every pooled connection.
const STATEMENT: Duration = Duration::from_millis(1500);
/// `lock_timeout` of every pooled connection.
const LOCK: Duration = Duration::from_millis(500);
/// `idle_in_transaction_session_timeout` of every pooled connection.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(5);
/// How long a connection may take to be made.
pub(crate) const CONNECT: Duration = Duration::from_millis(300);
/// PostgreSQL's port where a URL names none.
const PORT: u16 = 5432;

/// What a pool needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// `DATABASE_URL`: the service's own role, which has no DDL. `?sslmode=require` asks for TLS with a certificate
    /// that the machine trusts.
    pub url: SecretString,
    /// `DATABASE_POOL` (8): the most connections of each thread that answers, and of the work beside them.
    pub pool: usize,
}

impl Config {
    /// Reads `DATABASE_URL` and `DATABASE_POOL`.
    pub fn read(env: &mut Reader) -> Self {
        let config = Self { url: env.required("DATABASE_URL"), pool: env.or("DATABASE_POOL", 8) };
        let url = config.url.expose_secret();
        if !url.is_empty() && parsed(url).is_err() {
            env.problem("DATABASE_URL must be a URL like postgres://role:password@host:5432/database".into());
        }
        if config.pool == 0 {
            env.problem("DATABASE_POOL must be at least 1".into());
        }
        config
    }
}

/// The connection settings of a URL, without our limits.
pub(crate) fn parsed(url: &str) -> Result<tokio_postgres::Config, Error> {
    let mut pg: tokio_postgres::Config = url.parse().map_err(Error::other)?;
    pg.connect_timeout(CONNECT);
    Ok(pg)
}

/// The connection settings of a URL, with the limits that every pooled connection has.
pub(crate) fn limited(url: &str) -> Result<tokio_postgres::Config, Error> {
    let mut pg = parsed(url)?;
    let ours = format!(
        "-c statement_timeout={} -c lock_timeout={} -c idle_in_transaction_session_timeout={} -c jit=off",
        STATEMENT.as_millis(),
        LOCK.as_millis(),
        IDLE_IN_TRANSACTION.as_millis(),
    );
    let options = pg.get_options().map_or_else(|| ours.clone(), |theirs| format!("{ours} {theirs}"));
    pg.options(options);
    Ok(pg)
}

/// The server's socket, where the URL names the folder of one instead of a host.
pub(crate) fn socket(pg: &tokio_postgres::Config) -> Option<PathBuf> {
    match (pg.get_hosts(), pg.get_ports()) {
        ([Host::Unix(dir)], ports) => Some(dir.join(format!(".s.PGSQL.{}", ports.first().copied().unwrap_or(PORT)))),
        _ => None,
    }
}

/// Whether the URL asks for TLS.
pub(crate) fn wants_tls(pg: &tokio_postgres::Config) -> bool {
    pg.get_ssl_mode() == SslMode::Require
}
