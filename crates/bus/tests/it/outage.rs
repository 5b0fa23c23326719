use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bus::{Bus, Delivery, Error, Heard, Message, Outcome};
use contracts::{Envelope, Exchange};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::support::{Broker, Seen, event, eventually};

const TYPE: &str = "outage.thing.happened.v1";

fn thing(n: i64) -> Message {
    Message::new(Exchange::Journaled, &event(TYPE, "a", n))
}

fn consume(bus: &Bus, seen: &Seen<Envelope>, stop: &watch::Receiver<bool>) {
    let seen = seen.clone();
    let consume = bus.consume(
        move |delivery: Delivery| {
            seen.add(delivery.envelope);
            async { Outcome::Done }
        },
        stop.clone(),
    );
    tokio::spawn(consume);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_killed_loses_nothing_it_confirmed_and_is_used_again() {
    let broker = Broker::own().await;
    let bus = broker.serving("outage", &[TYPE]).await;
    let (_stop, stop) = watch::channel(false);
    let heard = Seen::new();
    let hearing = heard.clone();
    tokio::spawn(bus.listen(move |what| hearing.add(matches!(what, Heard::Reconnected)), stop.clone()));
    heard.wait_for(1, Duration::from_secs(10)).await;
    assert!(bus.publish((0..50).map(thing).collect()).await.iter().all(Result::is_ok));
    broker.settle();
    broker.kill();
    eventually(Duration::from_secs(5), async || !bus.connected()).await;
    assert!(matches!(bus.publish_one(thing(50)).await, Err(Error::Away(_))));

    let seen = Seen::new();
    consume(&bus, &seen, &stop);
    let broker = broker.start_again().await;
    seen.wait_for(50, Duration::from_secs(30)).await;
    eventually(Duration::from_secs(10), async || bus.publish_one(thing(50)).await.is_ok()).await;
    seen.wait_for(51, Duration::from_secs(10)).await;
    let order: Vec<i64> = seen.all().iter().map(|event| event.sequence).collect();
    assert_eq!(order, (0..=50).collect::<Vec<_>>());
    assert_eq!(heard.all(), [true, true], "whoever listens is told that it was away");
    drop(broker);
}

/// RabbitMQ 3.10 forgets its streams when it is killed in the moment in which it makes the first one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_has_lost_its_journal_is_used_nonetheless() {
    let broker = Broker::own().await;
    let bus = broker.serving("forgetful", &[TYPE]).await;
    broker.settle();
    broker.kill();
    eventually(Duration::from_secs(5), async || !bus.connected()).await;
    std::fs::remove_dir_all(broker.data().join("coordination")).unwrap();
    let _broker = broker.start_again().await;
    eventually(Duration::from_secs(30), async || bus.publish_one(thing(0)).await.is_ok()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_without_room_is_waited_for() {
    let broker = Broker::own().await;
    let bus = broker.serving("full", &[TYPE]).await;
    assert_eq!(bus.publish_one(thing(0)).await, Ok(()));
    broker.eval("rabbit_disk_monitor:set_disk_free_limit(\"1000000GB\").");
    eventually(Duration::from_secs(20), async || bus.publish_one(thing(1)).await.is_err()).await;
    let begun = Instant::now();
    assert!(matches!(bus.publish_one(thing(1)).await, Err(Error::Away(_))));
    assert!(begun.elapsed() < Duration::from_millis(100), "once it is known, nothing is added to what waits");
    assert!(bus.connected(), "what arrives is still worked off");
    broker.eval("rabbit_disk_monitor:set_disk_free_limit(\"50MB\").");
    eventually(Duration::from_secs(20), async || bus.publish_one(thing(2)).await.is_ok()).await;
}

/// What a network that is cut looks like: no byte passes, and nobody says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_falls_silent_is_noticed_in_fifteen_seconds() {
    let broker = Broker::installed().await;
    broker.serving("silent", &[TYPE]).await;
    let cut = Arc::new(AtomicBool::new(false));
    let port = proxy(broker.port(), cut.clone()).await;
    let bus = Bus::new(broker.url_at(port), "silent");
    // One that only consumes has nothing but its heartbeat to notice by.
    let quiet = Bus::new(broker.url_at(port), "silent");
    let (_stop, stop) = watch::channel(false);
    let seen = Seen::new();
    consume(&quiet, &seen, &stop);
    eventually(Duration::from_secs(10), async || bus.publish_one(thing(0)).await.is_ok()).await;
    seen.wait_for(1, Duration::from_secs(10)).await;

    cut.store(true, Ordering::Relaxed);
    let begun = Instant::now();
    let waiting = bus.publish_one(thing(1)).await;
    assert!(matches!(waiting, Err(Error::Away(_))), "{waiting:?}");
    assert!(begun.elapsed() < Duration::from_secs(6), "no confirmation: {:?}", begun.elapsed());
    eventually(Duration::from_secs(15), async || !bus.connected() && !quiet.connected()).await;
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());

    cut.store(false, Ordering::Relaxed);
    eventually(Duration::from_secs(30), async || bus.publish_one(thing(2)).await.is_ok()).await;
    eventually(Duration::from_secs(30), async || seen.all().iter().any(|event| event.sequence == 2)).await;
}

/// Passes bytes on until it is `cut`. What it then has in hand never arrives, as after a cut that outlasts TCP.
async fn proxy(to: u16, cut: Arc<AtomicBool>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let server = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
            let (client, server) = (client.into_split(), server.into_split());
            tokio::spawn(pass(client.0, server.1, cut.clone()));
            tokio::spawn(pass(server.0, client.1, cut.clone()));
        }
    });
    port
}

async fn pass(mut from: impl AsyncReadExt + Unpin, mut to: impl AsyncWriteExt + Unpin, cut: Arc<AtomicBool>) {
    let mut bytes = [0; 8192];
    while let Ok(count) = from.read(&mut bytes).await {
        if count == 0 {
            return;
        }
        if cut.load(Ordering::Relaxed) {
            return std::future::pending().await;
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
