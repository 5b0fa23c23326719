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
    let _consumer = service.consumer(subscriptions(service.name), &seen);
    service.emit((0..20).map(registered)).await;
    let events = crate::support::envelopes(&service).await;
    let pid = service.postgres.pid().expect("a private server").to_string();
    assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
    service.postgres.exited().await;
    eventually(SOON, async || !service.db.healthy().await).await;
    let messages = events.iter().map(|event| bus::Message::new(contracts::Exchange::Journaled, event)).collect();
    assert!(service.bus.publish(messages).await.iter().all(Result::is_ok));
    let mut plan = backing::Plan::new(&dir, backing::Ports::kept(&dir).unwrap());
    plan.databases = vec![backing::DatabaseSpec::new("outbox-database", "outbox_database")];
    let postgres = backing::Postgres::start(&plan, &()).await.expect("PostgreSQL");
    let back = Instant::now();
    let channel = service.broker.channel().await;
    for (delay, _) in bus::topology::RETRIES {
        let passive = lapin::options::QueueDeclareOptions { passive: true, ..Default::default() };
        let queue =
            channel.queue_declare(format!("q.retry.{delay}").into(), passive, Default::default()).await.unwrap();
        assert_eq!(queue.message_count(), 0, "{delay}");
    }
    let there = async || match service.db.conn().await {
        Ok(_) => service.count("SELECT count(*) FROM effects").await == 20,
        Err(_) => false,
    };
    eventually(SOON, there).await;
    assert!(back.elapsed() < Duration::from_secs(5), "{:?}", back.elapsed());
    assert_eq!(service.bus.dead_letters(service.name, 10).await.unwrap().len(), 0);
    postgres.stop().await.expect("stopped");
    std::fs::remove_dir_all(&dir).unwrap();
}
