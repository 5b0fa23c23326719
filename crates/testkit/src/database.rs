//! A database for each test: cloned from a template that has the service's schema, removed afterwards.
//!
//! The server is started once per machine and shared by all test processes; the template is migrated once for each
//! content of the service's migrations, whose digest is in its name.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use aws_lc_rs::digest::{Context, SHA256};
use backing::{DatabaseSpec, Plan, Ports, Postgres};
use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use server::Error;
use settings::{ExposeSecret, Reader, SecretString};
use tokio::sync::{Mutex, OnceCell};
use url::Url;

use crate::Subject;

/// A database of one test's own.
pub(crate) struct Database {
    name: String,
    /// By the service's role.
    pub(crate) url: SecretString,
    /// By its owner.
    pub(crate) owner_url: SecretString,
}

/// What a service's databases are made from.
#[derive(Clone)]
struct Template {
    name: String,
    url: SecretString,
    owner_url: SecretString,
}

/// The server, and whose templates are known to be there.
pub(crate) struct Cluster {
    postgres: Postgres,
    templates: Mutex<Vec<(&'static str, Template)>>,
}

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(0);

#[derive(diesel::QueryableByName)]
pub(crate) struct Named {
    #[diesel(sql_type = Text)]
    pub(crate) name: String,
    #[diesel(sql_type = BigInt)]
    guests: i64,
}

impl Database {
    /// A new one with the schema of the service.
    pub(crate) async fn of<S: Subject>() -> Result<Self, Error> {
        let cluster = CLUSTER.get_or_try_init(Cluster::adopt).await?;
        let template = cluster.template::<S>().await?;
        let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        cluster.administer(&format!("CREATE DATABASE {name} TEMPLATE {}", template.name)).await?;
        Ok(Self { url: within(&template.url, &name)?, owner_url: within(&template.owner_url, &name)?, name })
    }

    /// Removes it, whoever still uses it.
    pub(crate) async fn remove(self) {
        if let Some(cluster) = CLUSTER.get() {
            // What is left over is swept by the next process.
            let _ = cluster.administer(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)).await;
        }
    }
}

impl Cluster {
    pub(crate) async fn adopt() -> Result<Self, Error> {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/testkit");
        std::fs::create_dir_all(&dir)?;
        let _alone = alone(&dir).await?;
        let mut plan = Plan::new(&dir, Ports::kept(&dir)?);
        plan.mongo = false;
        plan.given.postgres = Reader::from_process().optional("POSTGRES_URL");
        let postgres = Postgres::start(&plan, &()).await?;
        let cluster = Self { postgres, templates: Mutex::default() };
        if plan.given.postgres.is_none() {
            cluster.hurry().await?;
        }
        cluster.sweep().await?;
        Ok(cluster)
    }

    /// What tests write need not survive a power cut; should that break the data folder, delete `target/testkit`.
    async fn hurry(&self) -> Result<(), Error> {
        for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
            self.administer(&format!("ALTER SYSTEM SET {setting} = off")).await?;
        }
        self.administer("SELECT pg_reload_conf()").await
    }

    /// Removes what processes that are no more left behind.
    async fn sweep(&self) -> Result<(), Error> {
        for left in self.databases("test\\_%").await? {
            let owner = left.name.split('_').nth(1).unwrap_or_default();
            if left.guests == 0 && !Path::new("/proc").join(owner).exists() {
                self.administer(&format!("DROP DATABASE IF EXISTS {}", left.name)).await?;
            }
        }
        Ok(())
    }

    /// The template of a service, made where it is missing.
    async fn template<S: Subject>(&self) -> Result<Template, Error> {
        let service = S::definition().name;
        let mut templates = self.templates.lock().await;
        if let Some((_, template)) = templates.iter().find(|(known, _)| *known == service) {
            return Ok(template.clone());
        }
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/testkit");
        let _alone = alone(&dir).await?;
        let template = self.make::<S>(service).await?;
        templates.push((service, template.clone()));
        Ok(template)
    }

    async fn make<S: Subject>(&self, service: &'static str) -> Result<Template, Error> {
        let word = service.replace('-', "_");
        // Its roles, and what each may do, as the launcher gives them.
        let base = format!("base_{word}");
        self.postgres.ensure_databases(&[DatabaseSpec::new(service, &base)]).await?;
        let (url, owner) = (self.postgres.service_url(service), self.postgres.owner_url(service));
        let (Some(url), Some(owner)) = (url, owner) else { return Err(Error::say("the service has no database")) };
        let name = format!("like_{word}_{}", digest(Path::new(S::FOLDER))?);
        let there = self.databases("like\\_%").await?;
        if !there.iter().any(|known| known.name == name) {
            let draft = format!("draft_{word}");
            self.administer(&format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await?;
            self.administer(&format!("CREATE DATABASE {draft} TEMPLATE {base} OWNER {word}_owner")).await?;
            db::migrate(&within(&owner, &draft)?, S::migrations()).await?;
            // Under its name it is whole, and nobody connects to it any more.
            self.administer(&format!("ALTER DATABASE {draft} RENAME TO {name}")).await?;
        }
        let former = |known: &&Named| known.name.starts_with(&format!("like_{word}_")) && known.name != name;
        for former in there.iter().filter(former) {
            self.administer(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", former.name)).await?;
        }
        Ok(Template { url, owner_url: owner, name })
    }

    pub(crate) async fn databases(&self, like: &str) -> Result<Vec<Named>, Error> {
        let mut connection = self.administrator().await?;
        let query =
            "SELECT d.datname::text AS name, (SELECT count(*) FROM pg_stat_activity a WHERE a.datid = d.oid) AS guests
            FROM pg_database d WHERE d.datname LIKE $1";
        Ok(diesel::sql_query(query).bind::<Text, _>(like).load(&mut connection).await?)
    }

    pub(crate) async fn administer(&self, statement: &str) -> Result<(), Error> {
        Ok(self.administrator().await?.batch_execute(statement).await?)
    }

    async fn administrator(&self) -> Result<AsyncPgConnection, Error> {
        Ok(AsyncPgConnection::establish(self.postgres.url().expose_secret()).await?)
    }
}

/// While this is held, no other test process makes servers or templates.
async fn alone(dir: &Path) -> Result<File, Error> {
    let path: PathBuf = dir.join("lock");
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::options().create(true).append(true).open(path)?;
        file.lock()?;
        Ok::<_, std::io::Error>(file)
    });
    Ok(locked.await??)
}

/// The URL with another database.
fn within(url: &SecretString, database: &str) -> Result<SecretString, Error> {
    let mut url = Url::parse(url.expose_secret())?;
    url.set_path(database);
    Ok(String::from(url).into())
}

/// What all migrations of a folder say, in short.
fn digest(folder: &Path) -> Result<String, Error> {
    let mut steps: Vec<PathBuf> = Vec::new();
    for step in std::fs::read_dir(folder.join("migrations"))? {
        steps.push(step?.path());
    }
    steps.sort();
    let mut digest = Context::new(&SHA256);
    for file in steps.iter().map(|step| step.join("up.sql")).filter(|file| file.is_file()) {
        digest.update(file.to_string_lossy().as_bytes());
        digest.update(&std::fs::read(&file)?);
    }
    Ok(hex::encode(digest.finish().as_ref().get(..8).unwrap_or_default()))
}
