//! The steps to the schema can be taken back, and those of the crates are theirs.

use std::fs;
use std::path::Path;

use backing::{DatabaseSpec, Given, Plan, Ports, Postgres};
use clock::Clock;
use db::Db;
use diesel::sql_types::Text;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use settings::{Reader, SecretString};

/// Everything that a step can make: tables with their columns, constraints, indexes, extensions.
const SCHEMA: &str = "SELECT string_agg(line, E'\n' ORDER BY line) FROM (
    SELECT format('%s.%s %s %s %s', table_name, column_name, udt_name, is_nullable, column_default) AS line
        FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT format('%s %s', oid::regclass, reloptions) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    UNION ALL SELECT extname FROM pg_extension
) all_lines";

/// A database without a schema, by its owner.
async fn empty() -> SecretString {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/testkit");
    let mut plan = Plan::new(&dir, Ports::kept(&dir).unwrap());
    plan.mongo = false;
    plan.given = Given { postgres: Reader::from_process().optional("POSTGRES_URL"), ..Given::default() };
    plan.databases = vec![DatabaseSpec::new("posts-steps", "posts_steps")];
    let owner = Postgres::start(&plan, &()).await.unwrap().owner_url("posts-steps").unwrap();
    let tables = "DROP EXTENSION IF EXISTS ltree CASCADE; DROP TABLE IF EXISTS __diesel_schema_migrations, authors,
        comments, erased_subjects, idempotency_keys, inbox, inbox_sequences, jobs, likes, outbox, outbox_sequences, post_revisions, posts";
    conn(&owner).await.batch_execute(tables).await.unwrap();
    owner
}

async fn conn(owner: &SecretString) -> db::Conn {
    let config = db::Config { url: owner.clone(), pool: 1 };
    Db::open(&config, Clock::system()).await.unwrap().conn().await.unwrap()
}

async fn schema(owner: &SecretString) -> String {
    db::sql::<Text>(SCHEMA).get_result(&mut *conn(owner).await).await.unwrap()
}

#[tokio::test]
async fn what_goes_up_comes_down_and_goes_up_the_same() {
    let owner = empty().await;
    let migrate = async || db::migrate(&owner, posts::MIGRATIONS).await.unwrap();
    migrate().await;
    let whole = schema(&owner).await;
    db::roll_back_all(&owner, posts::MIGRATIONS).await.unwrap();
    let bare = schema(&owner).await;
    assert!(
        !bare.lines().any(|line| line.contains("posts") || line.contains("ltree") || line.contains("outbox")),
        "{bare}"
    );
    migrate().await;
    assert_eq!(schema(&owner).await, whole);
}

fn step(name: &str) -> [String; 2] {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(name);
    ["up.sql", "down.sql"].map(|file| fs::read_to_string(folder.join(file)).unwrap())
}

#[test]
fn the_tables_of_outbox_erasure_and_idempotency_are_those_of_their_crates() {
    for theirs in outbox::MIGRATIONS.into_iter().chain(gdpr::MIGRATIONS) {
        assert_eq!(step(theirs.name), [theirs.up, theirs.down], "{}", theirs.name);
    }
    assert_eq!(step("2026-01-01-000001_idempotency_keys"), db::idempotency::MIGRATION);
}
