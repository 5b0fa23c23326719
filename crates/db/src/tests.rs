//! Against a real PostgreSQL, one database per test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod healing;
mod json;
mod page;
mod repeats;
mod statements;
mod transactions;

use std::path::PathBuf;

use backing::{DatabaseSpec, Given, Plan, Ports, Postgres};
use clock::Clock;
use diesel_async::SimpleAsyncConnection;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use settings::{Reader, SecretString};

use crate::{Config, Db};

/// This crate's own migration, with nothing before it.
const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// A database of one test.
struct Fixture {
    db: Db,
    clock: Clock,
    owner: SecretString,
    postgres: Postgres,
}

/// An empty database `db_<name>`, served by a pool of four.
async fn fixture(name: &str) -> Fixture {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/testkit");
    let mut plan = Plan::new(&dir, Ports::kept(&dir).unwrap());
    plan.mongo = false;
    plan.given = Given { postgres: Reader::from_process().optional("POSTGRES_URL"), ..Given::default() };
    fixture_of(plan, name).await
}

async fn fixture_of(mut plan: Plan, name: &str) -> Fixture {
    let spec = DatabaseSpec::new(format!("db-{name}"), format!("db_{name}"));
    plan.databases = vec![spec.clone()];
    let postgres = Postgres::start(&plan, &()).await.unwrap();
    let owner = postgres.owner_url(&spec.service).unwrap();
    let url = postgres.service_url(&spec.service).unwrap();
    execute(&owner, "DROP TABLE IF EXISTS idempotency_keys, __diesel_schema_migrations, things, parts").await;
    let clock = Clock::fixed("2026-03-29T00:30:00Z".parse().unwrap());
    let db = Db::open(&Config { url, pool: 4 }, clock.clone()).await.unwrap();
    Fixture { db, clock, owner, postgres }
}

/// The same with the table `things`, which the checks below write.
async fn fixture_with_things(name: &str) -> Fixture {
    let fixture = fixture(name).await;
    let table = "CREATE TABLE things (id int NOT NULL, name text NOT NULL, at timestamptz,
            CONSTRAINT things_pkey PRIMARY KEY (id), CONSTRAINT things_name_key UNIQUE (name),
            CONSTRAINT things_name_check CHECK (name <> ''));
        CREATE TABLE parts (thing int, CONSTRAINT parts_thing_fkey FOREIGN KEY (thing) REFERENCES things);";
    execute(&fixture.owner, table).await;
    fixture
}

/// Runs statements on a connection of their own.
async fn execute(url: &SecretString, statements: &str) {
    let db = Db::open(&Config { url: url.clone(), pool: 1 }, Clock::system()).await.unwrap();
    db.conn().await.unwrap().batch_execute(statements).await.unwrap();
}
