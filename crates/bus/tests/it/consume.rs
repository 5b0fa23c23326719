use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bus::{Bus, DeadLetter, Delivery, Message, Outcome};
use contracts::Exchange;
use lapin::BasicProperties;
use lapin::options::BasicPublishOptions;
use lapin::types::{AMQPValue, FieldTable};
use tokio::sync::{Notify, watch};

use crate::on_each_broker;
use crate::support::{Broker, Seen, event, eventually};

on_each_broker!(
    a_retry_comes_back_to_its_own_queue_alone,
    poison_rests_with_its_reason_and_what_is_behind_it_is_done,
    what_is_put_off_has_not_failed,
    what_ends_its_consumer_six_times_is_dead,
    a_consumer_that_dies_before_it_answers_gets_it_again,
    one_subject_is_worked_off_in_order,
    an_event_of_many_frames_arrives_whole,
    a_handler_runs_in_the_request_that_caused_the_message,
    reading_dead_letters_does_not_wear_them_out,
    at_stop_what_was_begun_is_finished_and_the_rest_goes_back,
);

const SOON: Duration = Duration::from_secs(20);

/// A consumer until it is dropped.
struct Consumer(tokio::task::JoinHandle<()>, watch::Sender<bool>);

impl Consumer {
    fn run<A: Future<Output = Outcome> + Send + 'static>(
        bus: &Bus,
        handler: impl Fn(Delivery) -> A + Send + Sync + 'static,
    ) -> Self {
        let (sender, stop) = watch::channel(false);
        Self(tokio::spawn(bus.consume(handler, stop)), sender)
    }

    /// Waits until it has stopped in order.
    async fn stop(&mut self) {
        self.1.send_replace(true);
        (&mut self.0).await.unwrap();
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn publish(bus: &Bus, event_type: &str, subjects: &[&str]) {
    let messages = subjects
        .iter()
        .enumerate()
        .map(|(n, subject)| Message::new(Exchange::Journaled, &event(event_type, subject, n as i64)));
    let sent = bus.publish(messages.collect()).await;
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
}

async fn dead(bus: &Bus, count: usize) -> Vec<DeadLetter> {
    eventually(SOON, async || bus.dead_letters(bus.service(), 1000).await.unwrap().len() >= count).await;
    bus.dead_letters(bus.service(), 1000).await.unwrap()
}

async fn a_retry_comes_back_to_its_own_queue_alone(broker: Broker) {
    let (fails, works) = (Seen::new(), Seen::new());
    let first = broker.serving("retry-1", &["retry.thing.happened.v1"]).await;
    let second = broker.serving("retry-2", &["retry.thing.happened.v1"]).await;
    let (failing, working) = (fails.clone(), works.clone());
    let _first = Consumer::run(&first, move |delivery| {
        failing.add((delivery.attempt, Instant::now()));
        let outcome = if delivery.attempt == 0 { Outcome::Retry("not yet".into()) } else { Outcome::Done };
        async move { outcome }
    });
    let _second = Consumer::run(&second, move |delivery| {
        working.add(delivery.attempt);
        async { Outcome::Done }
    });
    publish(&first, "retry.thing.happened.v1", &["a"]).await;
    fails.wait_for(2, SOON).await;
    let [(0, failed), (1, again)] = fails.all()[..] else { panic!("{:?}", fails.all()) };
    let waited = again - failed;
    assert!(waited > Duration::from_millis(4_900) && waited < Duration::from_secs(8), "{waited:?}");
    assert_eq!(works.all(), [0]);
}

async fn an_event_of_many_frames_arrives_whole(broker: Broker) {
    let bus = broker.serving("frames", &["frames.thing.happened.v1"]).await;
    let mut large = event("frames.thing.happened.v1", "a", 1);
    large.data = serde_json::json!({ "text": "x".repeat(900 * 1024) });
    assert_eq!(bus.publish_one(Message::new(Exchange::Journaled, &large)).await, Ok(()));
    let arrived = Seen::new();
    let arriving = arrived.clone();
    let _consumer = Consumer::run(&bus, move |delivery| {
        arriving.add(delivery.envelope.data);
        async { Outcome::Done }
    });
    arrived.wait_for(1, SOON).await;
    assert!(arrived.all() == [large.data]);
}

async fn poison_rests_with_its_reason_and_what_is_behind_it_is_done(broker: Broker) {
    let bus = broker.serving("poison", &["poison.thing.happened.v1"]).await;
    let channel = broker.channel().await;
    let raw = async |body: &[u8], attempt: i64| {
        let mut headers = FieldTable::default();
        headers.insert("x-attempt".into(), AMQPValue::LongLongInt(attempt));
        headers.insert("x-request-id".into(), AMQPValue::LongString("poison-1".into()));
        let properties = BasicProperties::default().with_headers(headers).with_message_id("raw".into());
        let (exchange, key) = ("fleet.in".into(), "poison.thing.happened.v1".into());
        channel.basic_publish(exchange, key, BasicPublishOptions::default(), body, properties).await.unwrap();
    };
    raw(b"\xff not an envelope", 0).await;
    raw(&serde_json::to_vec(&event("poison.thing.happened.v1", "parks", 1)).unwrap(), 0).await;
    // It has been tried four times, and panics once more.
    raw(&serde_json::to_vec(&event("poison.thing.happened.v1", "panics", 1)).unwrap(), 4).await;
    raw(&serde_json::to_vec(&event("poison.thing.happened.v1", "fails", 1)).unwrap(), 4).await;

    let done = Seen::new();
    let doing = done.clone();
    let _consumer = Consumer::run(&bus, move |delivery: Delivery| {
        let doing = doing.clone();
        async move {
            match delivery.envelope.subject.as_str() {
                "parks" => Outcome::Park("it can never be".into()),
                "panics" => panic!("out of cheese"),
                "fails" => Outcome::Retry("it was not so".into()),
                subject => {
                    doing.add(subject.to_owned());
                    Outcome::Done
                }
            }
        }
    });
    publish(&bus, "poison.thing.happened.v1", &["good", "panics", "good", "good"]).await;
    done.wait_for(3, SOON).await;
    let mut reasons: Vec<_> = dead(&bus, 4).await.into_iter().map(|letter| (letter.attempts, letter.reason)).collect();
    reasons.sort();
    let read: Vec<_> = reasons.iter().map(|(attempts, reason)| (*attempts, reason.as_str())).collect();
    let unreadable = "it is not an envelope: expected value at line 1 column 1";
    let panicked = "the handler panicked: out of cheese";
    assert_eq!(read, [(1, "it can never be"), (1, unreadable), (5, "it was not so"), (5, panicked)]);
    let letters = dead(&bus, 4).await;
    assert!(letters.iter().all(|letter| letter.request_id.as_deref() == Some("poison-1")), "{letters:?}");
    assert!(letters.iter().any(|letter| letter.body == b"\xff not an envelope"));
    let days = Some(Duration::from_secs(30 * 24 * 3600));
    assert!(letters.iter().all(|letter| letter.kept == days), "no dead letter is kept for ever: {letters:?}");
}

async fn what_is_put_off_has_not_failed(broker: Broker) {
    let bus = broker.serving("later", &["later.thing.happened.v1"]).await;
    let seen = Seen::new();
    let seeing = seen.clone();
    let _consumer = Consumer::run(&bus, move |delivery| {
        let first = seeing.count() == 0;
        seeing.add(delivery.attempt);
        async move { if first { Outcome::Later("the database is away".into()) } else { Outcome::Done } }
    });
    publish(&bus, "later.thing.happened.v1", &["a"]).await;
    seen.wait_for(2, SOON).await;
    assert_eq!(seen.all(), [0, 0]);
}

async fn what_ends_its_consumer_six_times_is_dead(broker: Broker) {
    let bus = broker.serving("deadly", &["deadly.thing.happened.v1"]).await;
    publish(&bus, "deadly.thing.happened.v1", &["a"]).await;
    let begun = Seen::new();
    for times in 1..=6 {
        let beginning = begun.clone();
        // Each consumer is a process of its own, which ends with the message in hand.
        let mortal = broker.bus("deadly");
        let consumer = Consumer::run(&mortal, move |_| {
            beginning.add(());
            std::future::pending()
        });
        begun.wait_for(times, SOON).await;
        drop((consumer, mortal));
    }
    let letters = dead(&bus, 1).await;
    assert_eq!(letters[0].reason, "delivery_limit");
    assert_eq!(begun.count(), 6);
}

async fn a_consumer_that_dies_before_it_answers_gets_it_again(broker: Broker) {
    let bus = broker.serving("mortal", &["mortal.thing.happened.v1"]).await;
    let seen = Seen::new();
    let seeing = seen.clone();
    let mortal = broker.bus("mortal");
    let consumer = Consumer::run(&mortal, move |delivery| {
        seeing.add(delivery.redelivered);
        std::future::pending()
    });
    publish(&bus, "mortal.thing.happened.v1", &["a"]).await;
    seen.wait_for(1, SOON).await;
    drop((consumer, mortal));
    let seeing = seen.clone();
    let _next = Consumer::run(&bus, move |delivery| {
        seeing.add(delivery.redelivered);
        async { Outcome::Done }
    });
    seen.wait_for(2, SOON).await;
    assert_eq!(seen.all(), [false, true]);
}

async fn one_subject_is_worked_off_in_order(broker: Broker) {
    let bus = broker.serving("order", &["order.thing.happened.v1"]).await;
    let subjects: Vec<String> = (0..200).map(|n| format!("subject-{}", n % 10)).collect();
    publish(&bus, "order.thing.happened.v1", &subjects.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let seen = Seen::new();
    let seeing = seen.clone();
    let _consumer = Consumer::run(&bus, move |delivery: Delivery| {
        let seeing = seeing.clone();
        async move {
            // Earlier ones take longer.
            for _ in 0..(200 - delivery.envelope.sequence) {
                tokio::task::yield_now().await;
            }
            seeing.add((delivery.envelope.subject.clone(), delivery.envelope.sequence));
            Outcome::Done
        }
    });
    seen.wait_for(200, SOON).await;
    for n in 0..10 {
        let subject = format!("subject-{n}");
        let order: Vec<i64> = seen.all().into_iter().filter(|(of, _)| *of == subject).map(|(_, n)| n).collect();
        assert!(order.is_sorted() && order.len() == 20, "{order:?}");
    }
}

async fn a_handler_runs_in_the_request_that_caused_the_message(broker: Broker) {
    let bus = broker.serving("context", &["context.thing.happened.v1"]).await;
    let mut caused = event("context.thing.happened.v1", "a", 1);
    caused.correlationid = Some("request-7".into());
    caused.traceparent = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into());
    caused.actorid = Some("ada".into());
    let seen = Seen::new();
    let seeing = seen.clone();
    let _consumer = Consumer::run(&bus, move |_| {
        let seeing = seeing.clone();
        async move {
            seeing.add(telemetry::Context::current().expect("a context"));
            Outcome::Done
        }
    });
    bus.publish_one(Message::new(Exchange::Journaled, &caused)).await.unwrap();
    seen.wait_for(1, SOON).await;
    let context = seen.all().remove(0);
    assert_eq!(&*context.request_id, "request-7");
    assert_eq!(context.trace.trace_id(), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(context.actor.as_deref(), Some("ada"));
}

async fn reading_dead_letters_does_not_wear_them_out(broker: Broker) {
    let bus = broker.serving("worn", &["worn.thing.happened.v1"]).await;
    let mut consumer = Consumer::run(&bus, |_| async { Outcome::Park("once".into()) });
    publish(&bus, "worn.thing.happened.v1", &["a"]).await;
    dead(&bus, 1).await;
    consumer.stop().await;
    for _ in 0..25 {
        assert_eq!(bus.dead_letters("worn", 10).await.unwrap().len(), 1);
    }
}

async fn at_stop_what_was_begun_is_finished_and_the_rest_goes_back(broker: Broker) {
    let bus = broker.serving("stops", &["stops.thing.happened.v1"]).await;
    publish(&bus, "stops.thing.happened.v1", &["a"; 10]).await;
    let (begun, finish, finished) = (Seen::new(), Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let (beginning, may, ended) = (begun.clone(), finish.clone(), finished.clone());
    let mut consumer = Consumer::run(&bus, move |delivery| {
        beginning.add(delivery.envelope.sequence);
        let (may, ended) = (may.clone(), ended.clone());
        async move {
            may.notified().await;
            ended.store(true, Ordering::Relaxed);
            Outcome::Done
        }
    });
    begun.wait_for(1, SOON).await;
    consumer.1.send_replace(true);
    finish.notify_one();
    consumer.stop().await;
    assert!(finished.load(Ordering::Relaxed));
    assert_eq!(begun.all(), [0]);
    let rest = Seen::new();
    let resting = rest.clone();
    let _next = Consumer::run(&bus, move |delivery| {
        resting.add(delivery.envelope.sequence);
        async { Outcome::Done }
    });
    rest.wait_for(9, SOON).await;
    assert_eq!(rest.all(), (1..10).collect::<Vec<_>>());
}
