//! What the caller wants: where, on which ports, and what is there already.

use std::path::{Path, PathBuf};

use settings::SecretString;

use crate::{Error, Ports};

/// Where the servers live and which are given from outside.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Folder of everything private to this set of servers, made where missing.
    pub dir: PathBuf,
    /// Folder for programs that are built here; several sets of servers may share it.
    pub bin: PathBuf,
    /// Ports of the private servers.
    pub ports: Ports,
    /// Servers that run elsewhere already.
    pub given: Given,
    /// Databases that PostgreSQL is to have.
    pub databases: Vec<DatabaseSpec>,
    /// Whether a MongoDB-compatible server is wanted, and so must be installed or built.
    pub mongo: bool,
}

/// Addresses of servers that were not started here; each wins over a private one.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// `POSTGRES_URL`, with the credentials of a role that may create roles and databases.
    pub postgres: Option<SecretString>,
    /// `AMQP_URL`.
    pub amqp: Option<SecretString>,
    /// `REDIS_URL`.
    pub redis: Option<SecretString>,
    /// `MONGODB_URL`.
    pub mongodb: Option<SecretString>,
}

/// One service's database in PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DatabaseSpec {
    /// Whose it is: the service's role has this name (with `_` for `-`), the owner's ends in `_owner`.
    pub service: String,
    /// What it is called.
    pub database: String,
}

/// Is told of each slow step, so that a first start does not look stuck.
pub trait Progress: Send + Sync {
    /// One short line.
    fn step(&self, text: &str);
}

impl Plan {
    /// A whole private set below `dir`, without databases yet.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>, ports: Ports) -> Self {
        let dir = dir.into();
        Self { bin: dir.join("bin"), dir, ports, given: Given::default(), databases: Vec::new(), mongo: true }
    }

    /// The folder's one true path: what is running is recognised by it.
    pub(crate) fn root(&self) -> Result<PathBuf, Error> {
        made(&self.dir)
    }

    /// The folder of logs.
    pub(crate) fn log(&self, server: &str) -> Result<PathBuf, Error> {
        Ok(made(&self.dir.join("logs"))?.join(format!("{server}.log")))
    }
}

/// Makes a folder where it is missing and answers its canonical path.
pub(crate) fn made(dir: &Path) -> Result<PathBuf, Error> {
    std::fs::create_dir_all(dir).map_err(Error::io("making", dir))?;
    dir.canonicalize().map_err(Error::io("finding", dir))
}

impl DatabaseSpec {
    /// The database of a service.
    #[must_use]
    pub fn new(service: impl Into<String>, database: impl Into<String>) -> Self {
        Self { service: service.into(), database: database.into() }
    }

    /// The role that the service runs as: it reads and writes rows and has no DDL.
    #[must_use]
    pub fn role(&self) -> String {
        self.service.replace('-', "_")
    }

    /// The role that owns the database and alone migrates it.
    #[must_use]
    pub fn owner(&self) -> String {
        format!("{}_owner", self.role())
    }
}

impl Progress for () {
    fn step(&self, _text: &str) {}
}

impl<F: Fn(&str) + Send + Sync> Progress for F {
    fn step(&self, text: &str) {
        self(text);
    }
}
