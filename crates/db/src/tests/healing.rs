//! Too much at once, and a server that goes away.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use backing::{Plan, Ports, Postgres};
use clock::Clock;
use diesel::sql_types::Bool;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures_util::future::join_all;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{fixture, fixture_of};
use crate::{Config, Db, Error, Result, sql};

async fn run(db: &Db, statement: &str) -> Result<()> {
    Ok(db.conn().await?.batch_execute(statement).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_finds_no_connection_is_refused_in_time() {
    let fixture = fixture("full").await;
    let one = async || {
        let asked = Instant::now();
        (run(&fixture.db, "SELECT pg_sleep(0.6)").await, asked.elapsed())
    };
    let answers = join_all((0..50).map(|_| one())).await;
    let served = answers.iter().filter(|(answer, _)| answer.is_ok()).count();
    assert_eq!(served, 4, "as many as there are connections");
    let mut refused: Vec<Duration> = Vec::new();
    for (answer, took) in answers.iter().filter(|(answer, _)| answer.is_err()) {
        assert!(matches!(answer, Err(Error::Busy(_))), "{answer:?}");
        refused.push(*took);
    }
    refused.sort();
    assert!(refused[0] >= Duration::from_millis(240), "they waited: {:?}", refused[0]);
    // The middle one: a machine that stalls for a moment must not fail the test.
    assert!(refused[refused.len() / 2] <= Duration::from_millis(300), "{:?}", refused[refused.len() / 2]);
    run(&fixture.db, "SELECT 1").await.expect("afterwards all is well");
}

#[tokio::test]
async fn a_server_of_this_machine_is_reached_by_its_socket() {
    let fixture = fixture("socket").await;
    let given = settings::Reader::from_process().optional::<String>("POSTGRES_URL").is_some();
    let query = sql::<Bool>("SELECT inet_client_addr() IS NULL");
    let by_socket: bool = query.get_result(&mut *fixture.db.conn().await.unwrap()).await.unwrap();
    assert_eq!(by_socket, !given);
    let config = Config { url: "postgres://a:b@%2Fnowhere:5433/c".to_owned().into(), pool: 1 };
    let db = Db::open(&config, Clock::system()).await.unwrap();
    assert!(matches!(db.conn().await, Err(Error::Busy(_))));
}

#[tokio::test]
async fn a_pool_in_use_is_not_ill() {
    let fixture = fixture("in_use").await;
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(fixture.db.conn().await.unwrap());
    }
    assert!(fixture.db.healthy().await);
}

#[tokio::test]
async fn a_server_that_never_was_is_away() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = Config { url: format!("postgres://a:b@{nobody}/c").into(), pool: 1 };
    let db = Db::open(&config, Clock::system()).await.unwrap();
    assert!(!db.healthy().await);
    assert!(matches!(db.conn().await, Err(Error::Busy(_))));
}

/// Its process may not be buried yet, and then its lock file still holds: a supervisor tries again, so does this.
async fn restarted(plan: impl Fn() -> Plan) -> Postgres {
    let killed = Instant::now();
    loop {
        match Postgres::start(&plan(), &()).await {
            Ok(postgres) => return postgres,
            Err(error) => assert!(killed.elapsed() < Duration::from_secs(20), "{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_outlives_the_death_of_the_server() {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/db-healing");
    let plan = || {
        let mut plan = Plan::new(&dir, Ports::kept(&dir).unwrap());
        plan.mongo = false;
        plan
    };
    let mut fixture = fixture_of(plan(), "healing").await;
    for _ in 0..2 {
        join_all((0..4).map(|_| run(&fixture.db, "SELECT pg_sleep(0.05)"))).await;
    }
    let in_flight = join_all((0..4).map(|_| run(&fixture.db, "SELECT pg_sleep(1)")));
    let killed = async {
        let pid = Pid::from_raw(fixture.postgres.pid().unwrap().try_into().unwrap());
        kill(pid, Signal::SIGKILL).unwrap();
    };
    let (answers, ()) = tokio::join!(in_flight, killed);
    for answer in answers {
        assert!(matches!(answer, Ok(()) | Err(Error::Busy(_))), "{answer:?}");
    }
    assert!(matches!(run(&fixture.db, "SELECT 1").await, Err(Error::Busy(_))), "the server is away");
    fixture.postgres.exited().await;
    let again = restarted(plan).await;
    until("the pool to heal", Duration::from_secs(5), async || run(&fixture.db, "SELECT 1").await.is_ok()).await;
    let all = join_all((0..40).map(|_| run(&fixture.db, "SELECT 1"))).await;
    assert!(all.iter().all(Result::is_ok), "no connection of before is handed out: {all:?}");
    assert!(fixture.db.healthy().await);
    again.stop().await.unwrap();
}

/// Asks again every 10 ms until it is so; after `bound` it never will be.
async fn until(what: &str, bound: Duration, holds: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < bound, "after {bound:?} still waiting for {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
