use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bus::{Bus, Message};
use contracts::auth::{ContactChanged, UserRegistered};
use contracts::{Envelope, Event, Exchange};
use outbox::{Halt, Received, Subscriptions, Taken};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{
    Running, SOON, Seen, Service, contact, effect, envelopes, eventually, on_contact, registered, subscriptions, user,
};

/// Sends these envelopes as the relay would.
async fn send<E: Event>(service: &Service, envelopes: &[Envelope]) {
    let messages = envelopes.iter().map(|envelope| Message::new(E::EXCHANGE, envelope)).collect();
    let sent = service.bus.publish(messages).await;
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
}

/// A permutation that is the same in every run.
fn shuffled<T: Clone>(all: &[T], seed: u64) -> Vec<T> {
    let mut keyed: Vec<_> = all.iter().enumerate().map(|(n, one)| (mix(seed ^ n as u64), one.clone())).collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, one)| one).collect()
}

fn mix(n: u64) -> u64 {
    let n = (n ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (n ^ (n >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 7
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_shuffled_deliveries_of_each_event_end_as_one_in_order() {
    /// The newest contact of each user, and how often he was registered.
    async fn keep(tx: &mut db::Tx, _seen: &Seen, event: &Received<ContactChanged>) -> Result<(), Halt> {
        diesel_async::RunQueryDsl::execute(
            db::sql::<()>("DELETE FROM effects WHERE subject = $1 AND what LIKE 'contact%'")
                .bind::<diesel::sql_types::Text, _>(event.data.user_id.to_string()),
            &mut **tx,
        )
        .await
        .map_err(db::Error::from)?;
        effect(tx, &event.data.user_id.to_string(), &format!("contact {}", event.data.version)).await
    }
    let service = Service::new("outbox-shuffled").await;
    let subscriptions = || {
        Subscriptions::new("outbox-shuffled")
            .on::<UserRegistered>(crate::support::on_registered)
            .on::<ContactChanged>(keep)
    };
    service.declare(&subscriptions()).await;
    for n in 0..10 {
        service.emit([registered(n)]).await;
        service.emit((1..=10).map(|version| contact(n, version))).await;
    }
    let written = envelopes(&service).await;
    for round in 0..5 {
        for envelope in shuffled(&written, round) {
            let private = envelope.event_type == ContactChanged::TYPE;
            let exchange = if private { Exchange::Private } else { Exchange::Journaled };
            service.bus.publish_one(Message::new(exchange, &envelope)).await.unwrap();
        }
    }
    // Behind them all, in every lane.
    service.emit((100..140).map(registered)).await;
    let _consumer = service.consumer(subscriptions(), &Seen::default());
    let last: Vec<_> = envelopes(&service).await.into_iter().skip(written.len()).collect();
    send::<UserRegistered>(&service, &last).await;
    service.has_effects(10 + 10 + 40).await;
    let mut state: Vec<_> = service.effects().await.into_iter().filter(|(of, _)| *of < user(100).to_string()).collect();
    state.sort();
    let mut in_order: Vec<_> = (0..10)
        .flat_map(|n| ["contact 10", "registered 1"].map(|what| (user(n).to_string(), what.to_owned())))
        .collect();
    in_order.sort();
    assert_eq!(state, in_order);
    assert_eq!(service.count("SELECT count(*) FROM inbox").await, 150);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_in_is_known_by_its_consumer() {
    let service = Service::new("outbox-taken").await;
    service.emit([contact(1, 1), contact(1, 2)]).await;
    let [first, second] = &envelopes(&service).await[..] else { panic!("two") };
    let (subscriptions, seen) = (subscriptions(service.name), Seen::default());
    let take = async |envelope| subscriptions.take_in(&service.db, &seen, envelope).await;
    assert_eq!(take(second).await, Ok(Taken::Now));
    assert_eq!(take(first).await, Ok(Taken::Outdated));
    assert_eq!(take(second).await, Ok(Taken::Before));
    assert_eq!(take(first).await, Ok(Taken::Before));
    assert_eq!(seen.all(), [format!("{} 2", user(1))]);
    let other = Subscriptions::new("outbox-other").on::<ContactChanged>(on_contact);
    assert_eq!(other.take_in(&service.db, &seen, first).await, Ok(Taken::Now), "each consumer has its own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_whose_handler_fails_was_not_taken_in() {
    async fn fail(tx: &mut db::Tx, seen: &Seen, event: &Received<ContactChanged>) -> Result<(), Halt> {
        effect(tx, &event.data.user_id.to_string(), "half").await?;
        seen.add("tried");
        Err(Halt::Retry("not yet".into()))
    }
    let service = Service::new("outbox-fails").await;
    service.emit([contact(1, 1)]).await;
    let envelope = envelopes(&service).await.remove(0);
    let seen = Seen::default();
    let failing = Subscriptions::new(service.name).on::<ContactChanged>(fail);
    for _ in 0..2 {
        let taken = failing.take_in(&service.db, &seen, &envelope).await;
        assert_eq!(taken, Err(Halt::Retry("not yet".into())));
    }
    assert_eq!(seen.count(), 2);
    assert_eq!(service.effects().await, []);
    assert_eq!(subscriptions(service.name).take_in(&service.db, &seen, &envelope).await, Ok(Taken::Now));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_parked_and_a_panic_is_tried_again() {
    async fn careless(tx: &mut db::Tx, seen: &Seen, event: &Received<UserRegistered>) -> Result<(), Halt> {
        effect(tx, &event.data.user_id.to_string(), "registered").await?;
        seen.add(event.data.user_id.to_string());
        if event.data.user_id == user(13) {
            panic!("unlucky");
        }
        Ok(())
    }
    let service = Service::new("outbox-poison").await;
    let subscriptions = Subscriptions::new(service.name).on::<UserRegistered>(careless);
    service.declare(&subscriptions).await;
    let seen = Seen::default();
    let _consumer = service.consumer(subscriptions, &seen);
    service.emit([registered(12), registered(13), registered(14)]).await;
    let mut events = envelopes(&service).await;
    let mut wrong = events[0].clone();
    (wrong.id, wrong.data) = (contracts::EventId::at(wrong.time), json!({ "user_id": "nobody" }));
    events.insert(0, wrong);
    send::<UserRegistered>(&service, &events).await;
    service.has_effects(2).await;
    let dead = async || service.bus.dead_letters(service.name, 10).await.unwrap();
    eventually(SOON, async || !dead().await.is_empty()).await;
    let [letter] = &dead().await[..] else { panic!("{:?}", dead().await) };
    assert!(letter.reason.starts_with("it is not a auth.user.registered.v1: "), "{}", letter.reason);
    // It comes back after five seconds, and has left nothing of the first time.
    let unlucky = user(13).to_string();
    eventually(SOON, async || seen.all().iter().filter(|of| **of == unlucky).count() == 2).await;
    assert_eq!(service.effects().await.len(), 2);
}

/// The acknowledgement is lost with the process that sent it; the effect is not, and is not had twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_killed_between_commit_and_acknowledgement_has_its_effect_once() {
    let service = Service::new("outbox-killed").await;
    service.declare(&subscriptions(service.name)).await;
    let deaf = Arc::new(AtomicBool::new(false));
    let port = one_way(service.broker.port(), deaf.clone()).await;
    let bus = Bus::new(service.broker.url_at(port), service.name);
    let (_stop, stop) = tokio::sync::watch::channel(false);
    let seen = Seen::default();
    let mortal = outbox::consumer(service.db.clone(), bus.clone(), subscriptions(service.name), seen.clone(), stop);
    let mortal = Running::new(mortal);
    service.emit([registered(1)]).await;
    send::<UserRegistered>(&service, &envelopes(&service).await).await;
    service.has_effects(1).await;
    deaf.store(true, Ordering::Relaxed);
    service.emit([registered(2)]).await;
    send::<UserRegistered>(&service, &envelopes(&service).await[1..]).await;
    service.has_effects(2).await;
    mortal.kill().await;
    drop(bus);
    // The broker notices that the connection is gone, and delivers what it had no answer for.
    deaf.store(false, Ordering::Relaxed);
    let _next = service.consumer(subscriptions(service.name), &seen);
    service.emit([registered(3)]).await;
    send::<UserRegistered>(&service, &envelopes(&service).await[2..]).await;
    service.has_effects(3).await;
    let passive = lapin::options::QueueDeclareOptions { passive: true, ..Default::default() };
    let name: lapin::types::ShortString = format!("q.{}", service.name).into();
    eventually(SOON, async || {
        let channel = service.broker.channel().await;
        let queue = channel.queue_declare(name.clone(), passive, Default::default()).await.unwrap();
        service.count("SELECT count(*) FROM inbox").await == 3 && queue.message_count() == 0
    })
    .await;
    assert_eq!(service.effects().await.len(), 3);
    assert_eq!(seen.count(), 3, "its handler was not asked again");
}

/// Passes everything on until the broker is to hear nothing more; who closes, closes both ways.
async fn one_way(to: u16, deaf: Arc<AtomicBool>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let server = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            let deaf = deaf.clone();
            tokio::spawn(async move {
                let down = tokio::io::copy(&mut from_server, &mut to_client);
                let up = async {
                    let mut bytes = [0; 8192];
                    while let Ok(count @ 1..) = from_client.read(&mut bytes).await {
                        if !deaf.load(Ordering::Relaxed) && to_server.write_all(&bytes[..count]).await.is_err() {
                            return;
                        }
                    }
                };
                tokio::select! {
                    _ = down => {}
                    () = up => {}
                }
            });
        }
    });
    port
}
