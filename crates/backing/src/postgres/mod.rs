//! PostgreSQL: one cluster, a database per service that only its owner and its service can enter.
//!
//! The owner role migrates; the service's role reads and writes rows and has no DDL. `cluster` makes and configures the
//! data, `databases` the roles. Start with [`Postgres::start`].

mod cluster;
mod databases;

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use nix::sys::signal::Signal;
use settings::{ExposeSecret, SecretString};
use tokio_postgres::{Client, Config, NoTls};
use url::Url;

use crate::census::Place;
use crate::credentials::Credentials;
use crate::daemon::{Daemon, Spec};
use crate::error::told;
use crate::installed;
use crate::probe::Probe;
use crate::running::{Running, server};
use crate::{DatabaseSpec, Error, Plan, Progress};

pub(crate) use cluster::ADMINISTRATOR;
pub use cluster::erase;
pub(crate) use databases::{Access, Wanted, ensure, quoted};

const NAME: &str = "PostgreSQL";

/// A running PostgreSQL.
#[derive(Debug)]
pub struct Postgres {
    running: Running,
    access: Access,
    /// Where its socket is, if it has one.
    socket_dir: Option<String>,
    known: Mutex<Vec<DatabaseSpec>>,
}
server!(Postgres);

impl Postgres {
    /// Starts or adopts the server and gives it the plan's databases; answers when it accepts clients.
    ///
    /// # Errors
    /// When it is not installed, does not start, or (given from outside) cannot be used.
    pub async fn start(plan: &Plan, progress: &dyn Progress) -> Result<Self, Error> {
        let access = Access::of(plan)?;
        let (running, socket_dir) = match &plan.given.postgres {
            Some(url) => (outside(url, &access).await?, None),
            None => private(plan, &access, progress).await?,
        };
        let postgres = Self { running, access, socket_dir, known: Mutex::default() };
        postgres.ensure_databases(&plan.databases).await?;
        Ok(postgres)
    }

    /// Gives each service its database and its two roles; again without harm, and with more services later.
    ///
    /// # Errors
    /// When PostgreSQL refuses.
    pub async fn ensure_databases(&self, databases: &[DatabaseSpec]) -> Result<(), Error> {
        databases::ensure_all(&self.access, databases).await?;
        if let Ok(mut known) = self.known.lock() {
            known.extend_from_slice(databases);
        }
        Ok(())
    }

    /// Where a service reaches its database with its own role, by the server's socket if it has one; `None` for a service
    /// without a database.
    #[must_use]
    pub fn service_url(&self, service: &str) -> Option<SecretString> {
        let spec = self.database_of(service)?;
        Some(match &self.socket_dir {
            Some(dir) => self.access.socket_url(dir, &spec.role(), &spec.database),
            None => self.access.url(&spec.role(), &spec.database),
        })
    }

    /// Where a service's database is reached as its owner, to migrate it; `None` for a service without one.
    #[must_use]
    pub fn owner_url(&self, service: &str) -> Option<SecretString> {
        self.database_of(service).map(|spec| self.access.url(&spec.owner(), &spec.database))
    }

    /// Stops the server in order. One given from outside is left alone.
    ///
    /// # Errors
    /// When somebody else is starting or stopping it for too long.
    pub async fn stop(self) -> Result<(), Error> {
        self.running.stop().await
    }

    fn database_of(&self, service: &str) -> Option<DatabaseSpec> {
        let known = self.known.lock().ok()?;
        known.iter().rev().find(|spec| spec.service == service).cloned()
    }
}

async fn outside(url: &SecretString, access: &Access) -> Result<Running, Error> {
    let given = |reason| Error::Given { server: NAME, reason };
    let config = access.administrator("postgres")?;
    let number = with_client(&config, async |client| {
        client.query_one("SELECT current_setting('server_version_num')::int", &[]).await?.try_get::<_, i32>(0)
    });
    match number.await.map_err(|error| given(told(&error)))? {
        150_000.. => Ok(Running { url: url.clone(), own: None }),
        old => Err(given(format!("it is of version {}, 15 is needed", old / 10_000))),
    }
}

async fn private(plan: &Plan, access: &Access, progress: &dyn Progress) -> Result<(Running, Option<String>), Error> {
    let root = plan.root()?;
    let credentials = Credentials::kept(&root)?;
    let home = cluster::home(&root, &credentials, progress)?;
    let installed = installed::postgres(home.version().as_deref())?.ok_or_else(|| match home.version() {
        Some(version) => Error::OtherVersion { path: home.dir.clone(), version },
        None => Error::Missing(vec![installed::Missing::postgres()]),
    })?;
    let lock = crate::daemon::lock(&root, "initdb").await?;
    if home.version().is_none() {
        progress.step("making PostgreSQL's data folder");
        home.make(&installed, &credentials.password(ADMINISTRATOR)).await?;
    }
    drop(lock);
    let log = plan.log("postgres")?;
    let place = Place { mark: root.join("postgres"), home: home.dir.clone(), exe: "postgres".to_owned() };
    let spec = Spec {
        name: NAME,
        root: root.clone(),
        place,
        program: installed.bin.join("postgres"),
        args: vec!["-D".into(), home.cluster().into()],
        env: Vec::new(),
        files: home.files(plan.ports.postgres, &installed),
        log: log.clone(),
        account: home.account,
        stop: Signal::SIGINT,
        patience: Duration::from_secs(30),
        probe: Probe::Postgres(Box::new(access.administrator("postgres")?)),
    };
    let daemon = Daemon::start(&spec, progress).await?;
    cluster::close(access, &installed).await?;
    let running = Running::own(access.url(ADMINISTRATOR, "postgres").expose_secret().to_owned(), &log, daemon);
    // One that an earlier version started, and that runs on, has none.
    let socket = |dir: &&str| Path::new(dir).join(format!(".s.PGSQL.{}", plan.ports.postgres)).exists();
    Ok((running, home.socket_dir().filter(socket).map(str::to_owned)))
}

/// Runs `work` on a connection of its own.
pub(crate) async fn with_client<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>,
) -> Result<T, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    let work = async move {
        let done = work(&client).await;
        drop(client);
        done
    };
    let (done, _) = tokio::join!(work, connection);
    done
}

/// The URL with another user and database.
pub(crate) fn rewritten(url: &Url, user: &str, password: &str, database: &str) -> Url {
    let mut url = url.clone();
    // Neither fails on a URL with a host, which `Access::of` has seen to.
    url.set_username(user).ok();
    url.set_password(Some(password).filter(|text| !text.is_empty())).ok();
    url.set_path(database);
    url
}

/// Whether `dir` holds a made cluster.
pub(crate) fn is_made(dir: &Path) -> bool {
    dir.join("PG_VERSION").is_file()
}
