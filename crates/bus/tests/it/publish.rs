use std::time::Duration;

use bus::{Binding, Bus, Error, Message};
use contracts::Exchange;
use serde_json::json;

use crate::on_each_broker;
use crate::support::{Broker, event};

on_each_broker!(
    a_private_message_that_nobody_reads_is_refused,
    a_revocation_that_nobody_hears_is_no_error,
    an_event_that_is_too_large_fails_alone,
    a_thousand_messages_are_confirmed_at_once,
);

async fn a_private_message_that_nobody_reads_is_refused(broker: Broker) {
    let bus = broker.serving("private", &[]).await;
    let secret = event("private.nobody.reads.v1", "a", 1);
    let sent = bus.publish_one(Message::new(Exchange::Private, &secret)).await;
    assert_eq!(sent, Err(Error::Refused("no queue is bound to it".into())));
    bus.declare(&[Binding::new(Exchange::Private, "private.nobody.reads.v1").unwrap()]).await.unwrap();
    assert_eq!(bus.publish_one(Message::new(Exchange::Private, &secret)).await, Ok(()));
}

async fn a_revocation_that_nobody_hears_is_no_error(broker: Broker) {
    let bus = broker.serving("unheard", &[]).await;
    let revoked = Message::new(Exchange::Revocations, &event("unheard.thing.revoked.v1", "a", 1));
    assert_eq!(bus.publish_one(revoked).await, Ok(()));
}

async fn an_event_that_is_too_large_fails_alone(broker: Broker) {
    let bus = broker.serving("large", &["large.thing.happened.v1"]).await;
    let mut batch: Vec<_> = (0..20).map(|n| event("large.thing.happened.v1", "a", n)).collect();
    batch[7].data = json!({ "text": "x".repeat(1 << 20) });
    let sent = bus.publish(batch.iter().map(|event| Message::new(Exchange::Journaled, event)).collect()).await;
    fails_alone(&sent, 7);
}

/// The broker closes the channel for it, on which the others are under way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_closes_the_channel_fails_alone() {
    let broker = Broker::own().await;
    let bus = broker.serving("barred", &["barred.thing.happened.v1"]).await;
    broker.eval(
        "rabbit_auth_backend_internal:set_permissions(<<\"fleet\">>, <<\"/\">>, <<\".*\">>, \
         <<\"^(?!fleet.private).*\">>, <<\".*\">>, <<\"test\">>).",
    );
    let batch = (0..20).map(|n| {
        let exchange = if n == 7 { Exchange::Private } else { Exchange::Journaled };
        Message::new(exchange, &event("barred.thing.happened.v1", "a", n))
    });
    fails_alone(&bus.publish(batch.collect()).await, 7);
}

fn fails_alone(sent: &[Result<(), Error>], wrong: usize) {
    for (n, sent) in sent.iter().enumerate() {
        match sent {
            Err(Error::Refused(_)) => assert_eq!(n, wrong, "{sent:?}"),
            sent => assert!(n != wrong && sent.is_ok(), "{n}: {sent:?}"),
        }
    }
}

async fn a_thousand_messages_are_confirmed_at_once(broker: Broker) {
    let bus = broker.serving("many", &["many.thing.happened.v1"]).await;
    let batch = (0..1_000).map(|n| Message::new(Exchange::Journaled, &event("many.thing.happened.v1", "a", n)));
    let begun = std::time::Instant::now();
    let sent = bus.publish(batch.collect()).await;
    assert!(sent.iter().all(Result::is_ok), "{:?}", sent.iter().find(|sent| sent.is_err()));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn without_a_broker_publishing_fails_at_once_and_says_nothing_of_the_password() {
    for url in ["amqp://user:hunter2@127.0.0.1:1/%2f", "not a url: hunter2"] {
        let bus = Bus::new(url.to_owned().into(), "nowhere");
        let sent = bus.publish_one(Message::new(Exchange::Journaled, &event("a.b.c.v1", "a", 1))).await;
        assert!(matches!(&sent, Err(Error::Away(_))), "{sent:?}");
        assert!(!bus.connected());
        assert!(!format!("{bus:?} {sent:?}").contains("hunter2"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_bus_has_no_connection_and_makes_no_other() {
    let broker = Broker::installed().await;
    let bus = broker.serving("closes", &["closes.thing.happened.v1"]).await;
    let thing = || Message::new(Exchange::Journaled, &event("closes.thing.happened.v1", "a", 1));
    assert_eq!(bus.publish_one(thing()).await, Ok(()));
    bus.close().await;
    assert!(!bus.connected());
    assert!(matches!(bus.publish_one(thing()).await, Err(Error::Away(_))));
    let connected = tokio::time::timeout(Duration::from_millis(500), bus.until_connected()).await;
    assert!(connected.is_err(), "not again");
}
