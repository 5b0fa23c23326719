use std::time::Duration;

use bus::topology::{JOURNAL, UNROUTABLE};
use bus::{Error, Message};
use contracts::Exchange;
use futures_util::StreamExt;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicGetOptions, BasicQosOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use tokio::time::timeout;

use crate::on_each_broker;
use crate::support::{Broker, event};

on_each_broker!(
    four_services_declare_at_once_and_again,
    queues_are_what_the_contract_says,
    another_definition_of_a_queue_is_refused,
    what_nobody_binds_is_unroutable_and_in_the_journal,
    private_messages_are_not_in_the_journal,
);

async fn four_services_declare_at_once_and_again(broker: Broker) {
    let buses = ["together-1", "together-2", "together-3", "together-4"].map(|service| broker.bus(service));
    for _ in 0..2 {
        let all = futures_util::future::join_all(buses.iter().map(|bus| bus.declare(&[]))).await;
        assert!(all.iter().all(Result::is_ok), "{all:?}");
    }
}

/// Written down apart from the code: declaring a queue that exists succeeds only with the same arguments.
async fn queues_are_what_the_contract_says(broker: Broker) {
    broker.serving("exact", &[]).await;
    let text = |text: &str| AMQPValue::LongString(text.into());
    let quorum = ("x-queue-type", text("quorum"));
    let safe = [("x-dead-letter-strategy", text("at-least-once")), ("x-overflow", text("reject-publish"))];
    let unlimited = ("x-delivery-limit", AMQPValue::LongInt(1_000_000));
    let mut expected = vec![
        ("q.unroutable", vec![quorum.clone(), ("x-message-ttl", AMQPValue::LongInt(604_800_000)), unlimited.clone()]),
        ("q.exact.dead", vec![quorum.clone(), unlimited]),
        (
            "s.journal",
            vec![
                ("x-queue-type", text("stream")),
                ("x-max-age", text("30D")),
                ("x-stream-max-segment-size-bytes", AMQPValue::LongInt(16_000_000)),
            ],
        ),
    ];
    let main = [
        quorum.clone(),
        ("x-delivery-limit", AMQPValue::LongInt(5)),
        ("x-dead-letter-exchange", text("fleet.dead")),
        ("x-dead-letter-routing-key", text("q.exact")),
    ];
    expected.push(("q.exact", [&main[..], &safe].concat()));
    for (name, ttl) in
        [("q.retry.5s", 5_000), ("q.retry.30s", 30_000), ("q.retry.5m", 300_000), ("q.retry.1h", 3_600_000)]
    {
        let waits = [
            quorum.clone(),
            ("x-message-ttl", AMQPValue::LongInt(ttl)),
            ("x-dead-letter-exchange", text("fleet.return")),
        ];
        expected.push((name, [&waits[..], &safe].concat()));
    }
    let channel = broker.channel().await;
    for (name, arguments) in expected {
        let mut table = FieldTable::default();
        for (key, value) in arguments {
            table.insert(key.into(), value);
        }
        let declared = channel.queue_declare(name.into(), QueueDeclareOptions::durable(), table).await;
        assert!(declared.is_ok(), "{name}: {declared:?}");
    }
}

async fn another_definition_of_a_queue_is_refused(broker: Broker) {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    let channel = broker.channel().await;
    channel.queue_declare("q.other".into(), QueueDeclareOptions::durable(), arguments).await.unwrap();
    let declared = broker.bus("other").declare(&[]).await;
    assert!(matches!(declared, Err(Error::Refused(_))), "{declared:?}");
}

async fn what_nobody_binds_is_unroutable_and_in_the_journal(broker: Broker) {
    let bus = broker.serving("strays", &["strays.bound.happened.v1"]).await;
    let bound = event("strays.bound.happened.v1", "a", 1);
    let typo = event("strays.bund.happened.v1", "a", 2);
    let sent = bus.publish(vec![Message::new(Exchange::Journaled, &bound), Message::new(Exchange::Journaled, &typo)]);
    assert_eq!(sent.await, [Ok(()), Ok(())]);

    let channel = broker.channel().await;
    let mut unroutable = Vec::new();
    while let Some(message) = channel.basic_get(UNROUTABLE.into(), BasicGetOptions::default()).await.unwrap() {
        unroutable.push(message.properties.message_id().clone().unwrap().to_string());
    }
    assert!(unroutable.contains(&typo.id.to_string()));
    assert!(!unroutable.contains(&bound.id.to_string()));
    journal_until(&broker, &typo.id.to_string()).await;
}

async fn private_messages_are_not_in_the_journal(broker: Broker) {
    let bus = broker.bus("secrets");
    bus.declare(&[bus::Binding::new(Exchange::Private, "secrets.mail.sent.v1").unwrap()]).await.unwrap();
    let private = event("secrets.mail.sent.v1", "a", 1);
    let open = event("secrets.thing.happened.v1", "a", 2);
    let sent = bus.publish(vec![Message::new(Exchange::Private, &private), Message::new(Exchange::Journaled, &open)]);
    assert_eq!(sent.await, [Ok(()), Ok(())]);
    let journal = journal_until(&broker, &open.id.to_string()).await;
    assert!(!journal.contains(&private.id.to_string()));
}

/// Ids in the journal, from its start up to this one.
async fn journal_until(broker: &Broker, last: &str) -> Vec<String> {
    let channel = broker.channel().await;
    channel.basic_qos(100, BasicQosOptions::default()).await.unwrap();
    let mut arguments = FieldTable::default();
    arguments.insert("x-stream-offset".into(), AMQPValue::LongString("first".into()));
    let options = BasicConsumeOptions::default();
    let mut journal = channel.basic_consume(JOURNAL.into(), "".into(), options, arguments).await.unwrap();
    let mut ids = Vec::new();
    while ids.last().map(String::as_str) != Some(last) {
        let next = timeout(Duration::from_secs(10), journal.next()).await.expect("in the journal");
        let message = next.unwrap().unwrap();
        ids.push(message.properties.message_id().clone().map(|id| id.to_string()).unwrap_or_default());
        message.ack(BasicAckOptions::default()).await.unwrap();
    }
    ids
}
