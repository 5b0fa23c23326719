use backing::RabbitMq;
use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions,
    QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties};
use settings::ExposeSecret;

use crate::support::{LOOPBACK, LOOPBACK_V6, Yard, heard_on, listens, program, told, until, with_wrong_password};

async fn enter(url: &str) -> lapin::Result<Connection> {
    Connection::connect(url, ConnectionProperties::default()).await
}

fn arguments(pairs: &[(&str, &str)]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in pairs {
        table.insert(ShortString::from(*name), AMQPValue::LongString((*value).into()));
    }
    table
}

async fn declare(channel: &Channel, queue: &str, table: &FieldTable) {
    let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(queue.into(), options, table.clone()).await.unwrap();
}

async fn publish(channel: &Channel, queue: &str, body: &[u8]) {
    let properties = BasicProperties::default().with_delivery_mode(2);
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let confirm = channel.basic_publish("".into(), queue.into(), options, body, properties).await.unwrap();
    assert_eq!(confirm.await.unwrap(), Confirmation::Ack(None));
}

/// The first message of a queue. For a moment after a start a stream has no leader yet, which ends the channel.
async fn first(connection: &Connection, queue: &str, table: &FieldTable) -> Delivery {
    let mut consumer = until("the queue has a leader", async || {
        let channel = connection.create_channel().await.unwrap();
        channel.basic_qos(10, BasicQosOptions::default()).await.unwrap();
        let options = BasicConsumeOptions::default();
        channel.basic_consume(queue.into(), queue.into(), options, table.clone()).await.ok()
    })
    .await;
    let delivery = consumer.next().await.unwrap().unwrap();
    delivery.ack(BasicAckOptions::default()).await.unwrap();
    delivery
}

#[tokio::test]
async fn quorum_queues_and_streams_keep_messages_when_the_server_stops() {
    let yard = Yard::new("rabbitmq");
    let server = RabbitMq::start(&yard.plan(), &told).await.unwrap();
    let url = server.url();
    assert_eq!(program(server.pid()), "beam.smp");
    let heard = [yard.ports.rabbitmq, yard.ports.erlang].map(|port| format!("{LOOPBACK}:{port}"));
    assert!(listens(server.pid()).iter().all(|address| heard.contains(address)), "{:?}", listens(server.pid()));
    assert_eq!(listens(server.pid()).len(), 2);
    let epmd = heard_on(yard.ports.epmd);
    assert!(!epmd.is_empty() && epmd.iter().all(|on| [LOOPBACK, LOOPBACK_V6].contains(&on.as_str())), "{epmd:?}");

    let quorum = arguments(&[("x-queue-type", "quorum"), ("x-overflow", "reject-publish")]);
    let stream = arguments(&[("x-queue-type", "stream"), ("x-max-age", "30D")]);
    let connection = enter(url.expose_secret()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
    declare(&channel, "q.kept", &quorum).await;
    declare(&channel, "s.kept", &stream).await;
    publish(&channel, "q.kept", b"first").await;
    publish(&channel, "s.kept", b"first").await;
    server.stop().await.unwrap();
    assert!(heard_on(yard.ports.epmd).is_empty(), "epmd stops with its server");

    let server = RabbitMq::start(&yard.plan(), &told).await.unwrap();
    let connection = enter(url.expose_secret()).await.unwrap();
    assert_eq!(first(&connection, "q.kept", &FieldTable::default()).await.data, b"first");
    assert_eq!(first(&connection, "s.kept", &arguments(&[("x-stream-offset", "first")])).await.data, b"first");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_virtual_hosts_do_not_meet() {
    let yard = Yard::new("vhosts");
    let server = RabbitMq::start(&yard.plan(), &told).await.unwrap();
    let refusal = enter(&with_wrong_password(&server.url())).await.err().unwrap();
    assert!(refusal.to_string().contains("ACCESS_REFUSED") || refusal.to_string().contains("403"), "{refusal}");

    let (one, two) = (server.vhost("one").await.unwrap(), server.vhost("two").await.unwrap());
    server.vhost("two").await.unwrap();
    let channel = enter(one.expose_secret()).await.unwrap().create_channel().await.unwrap();
    declare(&channel, "q.here", &FieldTable::default()).await;
    let channel = enter(two.expose_secret()).await.unwrap().create_channel().await.unwrap();
    let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    let absent = channel.queue_declare("q.here".into(), passive, FieldTable::default()).await;
    assert!(absent.err().unwrap().to_string().contains("NOT_FOUND"));
}
