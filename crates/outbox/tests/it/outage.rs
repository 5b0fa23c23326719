use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{Broker, SOON, Seen, Service, eventually, registered, subscriptions, target};

/// A database that is away costs an event none of its attempts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_wait_for_a_database_that_was_killed() {
    let dir = target().join("tests").join(format!("outbox-postgres-{}", std::process::id()));
    let mut service = Service::on(&dir, Broker::shared().await.apart("outbox-database").await, "outbox-database").await;
    service.declare(&subscriptions(service.name)).await;
    let seen = Seen::default();
    let (_relay, _consumer) = (service.relay(), service.consumer(subscriptions(service.name), &seen));
    service.emit((0..20).map(registered)).await;
    service.has_effects(20).await;

    // The events are at the broker, and the database is killed before they are taken in.
    let written = {
        service.emit((20..40).map(registered)).await;
        crate::support::envelopes(&service).await.split_off(20)
    };
    let pid = service.postgres.pid().expect("a private server").to_string();
    assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
    service.postgres.exited().await;
    eventually(SOON, async || !service.db.healthy().await).await;
    let again = written.iter().map(|event| bus::Message::new(contracts::Exchange::Journaled, event)).collect();
    assert!(service.bus.publish(again).await.iter().all(Result::is_ok));
    let mut plan = backing::Plan::new(&dir, backing::Ports::kept(&dir).unwrap());
    plan.databases = vec![backing::DatabaseSpec::new("outbox-database", "outbox_database")];
    let postgres = backing::Postgres::start(&plan, &()).await.expect("PostgreSQL");
    let back = Instant::now();
    let there = async || match service.db.conn().await {
        Ok(_) => service.count("SELECT count(*) FROM effects").await == 40,
        Err(_) => false,
    };
    eventually(SOON, there).await;
    assert!(back.elapsed() < Duration::from_secs(5), "{:?}", back.elapsed());
    assert_eq!(service.bus.dead_letters(service.name, 10).await.unwrap().len(), 0);
    postgres.stop().await.expect("stopped");
    std::fs::remove_dir_all(&dir).unwrap();
}
