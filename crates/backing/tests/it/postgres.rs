use backing::{DatabaseSpec, Postgres};
use settings::{ExposeSecret, SecretString};

use crate::support::{LOOPBACK, Yard, code, enter, listens, program, told, until, with_wrong_password};

const NO_CONNECT: &str = "42501";
const WRONG_PASSWORD: &str = "28P01";

fn in_database(url: &SecretString, database: &str) -> SecretString {
    let mut url = url::Url::parse(url.expose_secret()).unwrap();
    url.set_path(database);
    String::from(url).into()
}

#[tokio::test]
async fn databases_are_closed_to_one_another_and_to_ddl() {
    let yard = Yard::new("databases");
    let mut plan = yard.plan();
    plan.databases = vec![DatabaseSpec::new("users", "user_db")];
    let postgres = Postgres::start(&plan, &told).await.unwrap();
    let more = [DatabaseSpec::new("users", "user_db"), DatabaseSpec::new("iris-chat", "iris_chat_db")];
    postgres.ensure_databases(&more).await.unwrap();
    postgres.ensure_databases(&more).await.unwrap();

    for (service, others) in [("users", "iris_chat_db"), ("iris-chat", "user_db")] {
        let (role, owner) = (postgres.service_url(service).unwrap(), postgres.owner_url(service).unwrap());
        for url in [&role, &owner] {
            for database in [others, "postgres", "template1"] {
                assert_eq!(code(enter(&in_database(url, database)).await), NO_CONNECT, "{service} at {database}");
            }
        }
        let owner = enter(&owner).await.unwrap();
        let extensions = ["citext", "pg_trgm", "btree_gist", "ltree", "unaccent"];
        for extension in extensions {
            owner.batch_execute(&format!("CREATE EXTENSION {extension}")).await.unwrap();
        }
        owner.batch_execute("CREATE TABLE things (id bigint GENERATED ALWAYS AS IDENTITY, name citext)").await.unwrap();

        let service = enter(&role).await.unwrap();
        service.execute("INSERT INTO things (name) VALUES ('One')", &[]).await.unwrap();
        service.execute("UPDATE things SET name = 'Two' WHERE name = 'one'", &[]).await.unwrap();
        service.query_one("SELECT id FROM things WHERE name = 'two' FOR UPDATE SKIP LOCKED", &[]).await.unwrap();
        service.execute("DELETE FROM things", &[]).await.unwrap();
        for ddl in [
            "CREATE TABLE others ()",
            "CREATE TEMPORARY TABLE others ()",
            "CREATE SCHEMA others",
            "CREATE EXTENSION hstore",
            "ALTER TABLE things ADD COLUMN more text",
            "DROP TABLE things",
            "TRUNCATE things",
            "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE ROLE another",
        ] {
            assert_eq!(code(service.batch_execute(ddl).await), NO_CONNECT, "{ddl}");
        }
    }
    assert!(postgres.service_url("unknown").is_none());
}

#[tokio::test]
async fn a_cluster_is_durable_checked_and_heard_on_loopback_only() {
    let yard = Yard::new("cluster");
    let plan = yard.plan();
    let postgres = Postgres::start(&plan, &told).await.unwrap();
    assert_eq!(program(postgres.pid()), "postgres");
    assert_eq!(listens(postgres.pid()), [format!("{LOOPBACK}:{}", yard.ports.postgres)]);

    let administrator = enter(&postgres.url()).await.unwrap();
    for (setting, expected) in [
        ("data_checksums", "on"),
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("max_connections", "200"),
        ("shared_preload_libraries", "pg_stat_statements"),
        ("log_parameter_max_length_on_error", "0"),
    ] {
        let row = administrator.query_one("SELECT current_setting($1)", &[&setting]).await.unwrap();
        assert_eq!(row.get::<_, &str>(0), expected, "{setting}");
    }
    let stored = "SELECT count(*) FROM pg_authid WHERE rolcanlogin AND rolpassword NOT LIKE 'SCRAM-SHA-256$%'";
    assert_eq!(administrator.query_one(stored, &[]).await.unwrap().get::<_, i64>(0), 0);
    administrator.query_one("SELECT count(*) FROM pg_stat_statements", &[]).await.unwrap();
    assert_eq!(code(enter(&with_wrong_password(&postgres.url()).into()).await), WRONG_PASSWORD);

    let secret = postgres.url().expose_secret().to_owned();
    let password = url::Url::parse(&secret).unwrap().password().unwrap().to_owned();
    let log = std::fs::read_to_string(postgres.log().unwrap()).unwrap();
    assert!(log.contains("ready to accept connections") && !log.contains(&password));
}

#[tokio::test]
async fn rows_stay_when_the_server_stops_and_when_it_is_killed() {
    let yard = Yard::new("rows");
    let mut plan = yard.plan();
    plan.databases = vec![DatabaseSpec::new("posts", "post_db")];
    let postgres = Postgres::start(&plan, &told).await.unwrap();
    let (first, url) = (postgres.pid(), postgres.owner_url("posts").unwrap());
    enter(&url).await.unwrap().batch_execute("CREATE TABLE kept AS SELECT 1 AS row").await.unwrap();
    postgres.stop().await.unwrap();
    assert!(enter(&url).await.is_err());

    let mut postgres = Postgres::start(&plan, &told).await.unwrap();
    assert_ne!(postgres.pid(), first);
    let client = enter(&url).await.unwrap();
    client.batch_execute("INSERT INTO kept VALUES (2)").await.unwrap();
    // A backend at work when its postmaster dies keeps the cluster's memory, which a new postmaster would refuse.
    let busy = enter(&url).await.unwrap();
    let busy =
        tokio::spawn(async move { busy.batch_execute("SELECT sum(a) FROM generate_series(1, 1000000000) a").await });
    until("the backend is at work", async || {
        let active = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query ~ '^SELECT sum'";
        (client.query_one(active, &[]).await.unwrap().get::<_, i64>(0) == 1).then_some(())
    })
    .await;
    let pid = nix::unistd::Pid::from_raw(i32::try_from(postgres.pid().unwrap()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::SIGKILL).unwrap();
    postgres.exited().await;

    let postgres = Postgres::start(&plan, &told).await.unwrap();
    assert!(busy.await.unwrap().is_err());
    let client = enter(&url).await.unwrap();
    let sum = client.query_one("SELECT sum(row) FROM kept", &[]).await.unwrap();
    assert_eq!(sum.get::<_, i64>(0), 3);
    drop(client);
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_given_from_outside_gets_the_same_databases_and_is_left_running() {
    let yard = Yard::new("outside");
    let private = Postgres::start(&yard.plan(), &told).await.unwrap();
    private.ensure_databases(&[DatabaseSpec::new("posts", "post_db")]).await.unwrap();
    let other = Yard::new("inside");
    let mut plan = other.plan();
    plan.given.postgres = Some(private.url());
    plan.databases = vec![DatabaseSpec::new("posts", "post_db")];
    let given = Postgres::start(&plan, &told).await.unwrap();
    assert_eq!((given.pid(), given.log()), (None, None));
    let url = given.service_url("posts").unwrap();
    assert_ne!(url.expose_secret(), private.service_url("posts").unwrap().expose_secret());
    enter(&url).await.unwrap();
    given.stop().await.unwrap();
    enter(&url).await.unwrap();
}
