//! Migrations: run by the database's owner, checked by the service's own role.

use std::collections::BTreeSet;
use std::time::Duration;

use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncMigrationHarness, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use settings::{ExposeSecret, SecretString};

use crate::connector::Connector;
use crate::{Connection, Db, Error, config, sql};

/// Whoever migrates a database holds this advisory lock of it.
const LOCK: i64 = 0x6d69_6772_6174_6531;
/// How long `serve` waits for a server that is not there yet.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks at it.
const PAUSE: Duration = Duration::from_millis(200);

/// Runs what of `migrations` has not run, in order, each in its own transaction, as the role of `owner_url`. Two at
/// once: the second waits, then finds nothing to do.
pub async fn migrate(owner_url: &SecretString, migrations: EmbeddedMigrations) -> Result<(), Error> {
    with_harness(owner_url, move |harness| harness.run_pending_migrations(migrations).map(|_| ())).await
}

/// Undoes all of `migrations`, last first. For tests.
pub async fn roll_back_all(owner_url: &SecretString, migrations: EmbeddedMigrations) -> Result<(), Error> {
    with_harness(owner_url, move |harness| harness.revert_all_migrations(migrations).map(|_| ())).await
}

/// Whether the database has exactly these migrations, neither fewer nor more: nobody serves on a schema that he does
/// not know. Waits up to 10 s for a server that is not there yet.
pub async fn is_current(db: &Db, migrations: EmbeddedMigrations) -> Result<bool, Error> {
    let known = known(&migrations)?;
    let last = tokio::time::Instant::now() + PATIENCE;
    loop {
        match applied(db).await {
            Err(Error::Busy(_)) if tokio::time::Instant::now() < last => tokio::time::sleep(PAUSE).await,
            applied => return Ok(applied? == known),
        }
    }
}

/// Their versions. Not in `is_current` itself: migrations may not be held across an await of a `Send` future.
fn known(migrations: &EmbeddedMigrations) -> Result<BTreeSet<String>, Error> {
    let known = MigrationSource::<Pg>::migrations(migrations).map_err(Error::Other)?;
    Ok(known.iter().map(|migration| migration.name().version().to_string()).collect())
}

async fn applied(db: &Db) -> Result<BTreeSet<String>, Error> {
    const APPLIED: &str = "SELECT version::text FROM __diesel_schema_migrations";
    const EXISTS: &str = "SELECT count(*) FROM pg_tables WHERE tablename = '__diesel_schema_migrations'";
    let mut conn = db.conn().await?;
    let tables: i64 = sql::<BigInt>(EXISTS).get_result(&mut *conn).await?;
    if tables == 0 {
        return Ok(BTreeSet::new());
    }
    let versions: Vec<String> = sql::<Text>(APPLIED).load(&mut *conn).await?;
    Ok(versions.into_iter().collect())
}

/// The harness blocks, so it gets a thread that may.
async fn with_harness(
    owner_url: &SecretString,
    run: impl FnOnce(&mut AsyncMigrationHarness<Connection>) -> diesel::migration::Result<()> + Send + 'static,
) -> Result<(), Error> {
    const TAKE: &str = "SELECT pg_advisory_lock($1)::text";
    let connector = Connector::new(config::parsed(owner_url.expose_secret())?)?;
    let mut connection = connector.listening().await?;
    sql::<Text>(TAKE).bind::<BigInt, _>(LOCK).execute(&mut connection).await?;
    let migrated = tokio::task::spawn_blocking(move || run(&mut AsyncMigrationHarness::new(connection))).await;
    migrated.map_err(Error::other)?.map_err(Error::Other)
}
