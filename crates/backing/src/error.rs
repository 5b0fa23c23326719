//! Why a server could not be started, in words that say what to do.

use std::path::{Path, PathBuf};

use crate::Missing;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Programs are not installed.
    #[error("not installed: {}; run deploy/install-servers", listed(.0))]
    Missing(Vec<Missing>),
    /// A file or folder.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A server ended before it served.
    #[error("{server} ended while starting; the last lines of {}:\n{tail}", log.display())]
    Ended {
        /// Which.
        server: &'static str,
        /// Its log.
        log: PathBuf,
        /// The log's end.
        tail: String,
    },
    /// A server did not serve in time.
    #[error("{server} does not answer after {seconds} s ({reason}); see {}", log.display())]
    Late {
        /// Which.
        server: &'static str,
        /// How long it was waited for.
        seconds: u64,
        /// What it said last.
        reason: String,
        /// Its log.
        log: PathBuf,
    },
    /// A server does not accept the credentials that are kept for it.
    #[error("{server} refuses the credentials kept in {}: {reason}; erase both its data and the credentials to start afresh", dir.display())]
    Refused {
        /// Which.
        server: &'static str,
        /// Where the credentials are.
        dir: PathBuf,
        /// What it said.
        reason: String,
    },
    /// A server that was given from outside does not answer.
    #[error("the {server} given from outside cannot be used: {reason}")]
    Given {
        /// Which.
        server: &'static str,
        /// What happened.
        reason: String,
    },
    /// Data of another version than the one installed.
    #[error("{} holds data of PostgreSQL {version}, which is not installed: apt-get install postgresql-{version}, or erase that folder", path.display())]
    OtherVersion {
        /// The data.
        path: PathBuf,
        /// Its version.
        version: String,
    },
    /// A program run to prepare a server failed.
    #[error("{what} failed:\n{output}")]
    Tool {
        /// Which step.
        what: &'static str,
        /// What it printed last.
        output: String,
    },
    /// A name that may not become a role or a database.
    #[error("\"{0}\" cannot name a role or a database: a letter, then letters, digits, - and _, 40 at most")]
    Name(String),
    /// A statement at PostgreSQL.
    #[error("PostgreSQL: {}", told(.0))]
    Postgres(#[from] tokio_postgres::Error),
    /// Another start or stop of the same server does not end.
    #[error("{0} is being started or stopped by somebody else for too long")]
    Locked(&'static str),
    /// No port is left.
    #[error("no free port on 127.0.0.1")]
    NoPort,
    /// The system has no random numbers.
    #[error("the system gives no random numbers")]
    NoRandom,
}

impl Error {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }
}

fn listed(missing: &[Missing]) -> String {
    missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// tokio-postgres shows a server's own message only in its source.
pub(crate) fn told(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(refusal) => format!("{} ({})", refusal.message(), refusal.code().code()),
        None => error.to_string(),
    }
}
