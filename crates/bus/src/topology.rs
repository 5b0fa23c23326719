//! What there is at the broker, and by which names.
//!
//! `fleet.in` -> `fleet.events` -> each `q.<service>` that binds a type; what nobody binds goes to `q.unroutable`, and
//! everything to the stream `s.journal`. They are two exchanges because the journal, bound to everything, would leave
//! nothing unroutable on its own. Personal data travels by `fleet.private`, which is not journaled. Definitions hold
//! for RabbitMQ 3.10 and 4; changing the arguments of a queue that exists needs a new name. Start with [`declare`].

use std::time::Duration;

use contracts::Exchange;
use lapin::options::{ExchangeBindOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ExchangeKind};
use tokio::time::Instant;

use crate::Error;
use crate::link::{Link, answer};

/// Where consumers bind journaled events.
pub const EVENTS: &str = "fleet.events";
/// Where a message goes that comes back to its own queue: the routing key is the queue's name.
pub const RETURN: &str = "fleet.return";
/// Where a message goes that will not be tried again: the routing key is the queue's name.
pub const DEAD: &str = "fleet.dead";
/// Everything journaled, kept 30 days.
pub const JOURNAL: &str = "s.journal";
/// Journaled events that nobody had bound, kept 7 days.
pub const UNROUTABLE: &str = "q.unroutable";
const UNROUTABLE_EXCHANGE: &str = "fleet.unroutable";

/// How long a message waits before it comes back, by how often it has failed: name and milliseconds.
pub const RETRIES: [(&str, i64); 4] = [("5s", 5_000), ("30s", 30_000), ("5m", 300_000), ("1h", 3_600_000)];

/// Deliveries that nobody answered before a message is dead: what kills its consumer each time.
const DELIVERY_LIMIT: i64 = 5;
/// RabbitMQ 4 has a limit of 20 where none is named, and drops what exceeds it. Reading dead letters is no failure.
const NO_LIMIT: i64 = 1_000_000;
const DAY_MS: i64 = 86_400_000;
/// How long the fleet waits for its journal.
const JOURNAL_WITHIN: Duration = Duration::from_secs(4);

/// A type, or a pattern of types, that a service's queue receives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Binding {
    /// What is bound.
    exchange: &'static str,
    /// The type, or the pattern.
    key: String,
}

impl Binding {
    /// Events of this type; `None` for revocations, which no queue receives: they are [`crate::Bus::listen`]ed to.
    pub fn new(exchange: Exchange, event_type: &str) -> Option<Self> {
        let exchange = match exchange {
            Exchange::Journaled => EVENTS,
            Exchange::Private => Exchange::Private.name(),
            Exchange::Revocations => return None,
        };
        Some(Self { exchange, key: event_type.to_owned() })
    }

    /// Journaled events whose type fits a pattern: `*` is a word, `#` any number of them.
    pub fn pattern(pattern: &str) -> Self {
        Self { exchange: EVENTS, key: pattern.to_owned() }
    }
}

/// The queue of a service.
pub fn queue_of(service: &str) -> String {
    format!("q.{service}")
}

/// The queue of a service's dead letters.
pub fn dead_queue_of(service: &str) -> String {
    format!("q.{service}.dead")
}

/// The exchange that lets a message wait after it has failed so often; none once it has failed too often.
pub(crate) fn retry_exchange(failed: u32) -> Option<String> {
    let (name, _) = RETRIES.get(usize::try_from(failed).ok()?)?;
    Some(format!("fleet.retry.{name}"))
}

/// Declares everything, this service's queues and its bindings. Idempotent.
pub(crate) async fn declare(link: &Link, service: &str, bindings: &[Binding]) -> Result<(), Error> {
    let declare = Declare(link.channel().await?);
    declare.shared().await?;
    journal(link).await?;
    declare.retries().await?;
    declare.service(service, bindings).await?;
    // The connection closes it otherwise.
    let _ = answer(declare.0.close(200, "declared".into())).await;
    Ok(())
}

/// The journal is back a second after a broker that was killed. One that was killed while it made the journal never
/// finds it again (3.10): the fleet goes on without, until somebody deletes that queue.
async fn journal(link: &Link) -> Result<(), Error> {
    let begun = Instant::now();
    loop {
        // The broker closes the channel on which it says no.
        let declare = Declare(link.channel().await?);
        match declare.journal().await {
            Ok(()) => return answer(declare.0.close(200, "declared".into())).await,
            Err(Error::Away(reason)) if link.is_up() && begun.elapsed() > JOURNAL_WITHIN => {
                tracing::error!(reason, "there is no journal");
                return Ok(());
            }
            Err(error @ Error::Refused(_)) => return Err(error),
            Err(_) => link.sleep_or_gone(Duration::from_millis(200)).await,
        }
    }
}

/// Declares the exchange that revocations are sent to, for who only listens.
pub(crate) async fn declare_revocations(channel: &Channel) -> Result<(), Error> {
    Declare(channel.clone()).exchange(Exchange::Revocations.name(), ExchangeKind::Fanout, FieldTable::default()).await
}

struct Declare(Channel);

impl Declare {
    async fn shared(&self) -> Result<(), Error> {
        let (entrance, none) = (Exchange::Journaled.name(), FieldTable::default);
        self.exchange(UNROUTABLE_EXCHANGE, ExchangeKind::Fanout, none()).await?;
        let alternate = arguments(&[("alternate-exchange", UNROUTABLE_EXCHANGE.into())]);
        self.exchange(EVENTS, ExchangeKind::Topic, alternate).await?;
        self.exchange(entrance, ExchangeKind::Topic, none()).await?;
        self.exchange(Exchange::Private.name(), ExchangeKind::Direct, none()).await?;
        self.exchange(Exchange::Revocations.name(), ExchangeKind::Fanout, none()).await?;
        self.exchange(RETURN, ExchangeKind::Direct, none()).await?;
        self.exchange(DEAD, ExchangeKind::Direct, none()).await?;

        let unlimited = [("x-delivery-limit", NO_LIMIT.into()), ("x-message-ttl", (7 * DAY_MS).into())];
        self.quorum(UNROUTABLE, &unlimited).await?;
        self.bind(UNROUTABLE, UNROUTABLE_EXCHANGE, "").await?;
        let options = ExchangeBindOptions::default();
        answer(self.0.exchange_bind(EVENTS.into(), entrance.into(), "#".into(), options, none())).await
    }

    async fn journal(&self) -> Result<(), Error> {
        let stream = [
            ("x-queue-type", "stream".into()),
            ("x-max-age", "30D".into()),
            // Age is cut by whole segments, of 500 MB where nothing else is said.
            ("x-stream-max-segment-size-bytes", 16_000_000.into()),
        ];
        self.queue(JOURNAL, arguments(&stream)).await?;
        self.bind(JOURNAL, Exchange::Journaled.name(), "#").await
    }

    /// One queue per delay, so that none waits behind a longer one. Without a dead-letter key the original one is
    /// kept, the name of the queue that it came from: it returns there and nowhere else.
    async fn retries(&self) -> Result<(), Error> {
        for (name, delay_ms) in RETRIES {
            let (queue, exchange) = (format!("q.retry.{name}"), format!("fleet.retry.{name}"));
            self.exchange(&exchange, ExchangeKind::Fanout, FieldTable::default()).await?;
            let waits = [("x-message-ttl", delay_ms.into()), ("x-dead-letter-exchange", RETURN.into())];
            self.quorum(&queue, &[&waits[..], &at_least_once()].concat()).await?;
            self.bind(&queue, &exchange, "").await?;
        }
        Ok(())
    }

    async fn service(&self, service: &str, bindings: &[Binding]) -> Result<(), Error> {
        let (queue, dead) = (queue_of(service), dead_queue_of(service));
        self.quorum(&dead, &[("x-delivery-limit", NO_LIMIT.into())]).await?;
        self.bind(&dead, DEAD, &queue).await?;
        let limits = [
            ("x-delivery-limit", DELIVERY_LIMIT.into()),
            ("x-dead-letter-exchange", DEAD.into()),
            ("x-dead-letter-routing-key", queue.as_str().into()),
        ];
        self.quorum(&queue, &[&limits[..], &at_least_once()].concat()).await?;
        self.bind(&queue, RETURN, &queue).await?;
        for binding in bindings {
            self.bind(&queue, binding.exchange, &binding.key).await?;
        }
        Ok(())
    }

    async fn exchange(&self, name: &str, kind: ExchangeKind, arguments: FieldTable) -> Result<(), Error> {
        let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
        answer(self.0.exchange_declare(name.into(), kind, options, arguments)).await
    }

    async fn quorum(&self, name: &str, limits: &[(&str, Argument)]) -> Result<(), Error> {
        let quorum = [("x-queue-type", Argument::from("quorum"))];
        self.queue(name, arguments(&[&quorum[..], limits].concat())).await
    }

    async fn queue(&self, name: &str, arguments: FieldTable) -> Result<(), Error> {
        answer(self.0.queue_declare(name.into(), QueueDeclareOptions::durable(), arguments)).await?;
        Ok(())
    }

    async fn bind(&self, queue: &str, exchange: &str, key: &str) -> Result<(), Error> {
        let options = QueueBindOptions::default();
        answer(self.0.queue_bind(queue.into(), exchange.into(), key.into(), options, FieldTable::default())).await
    }
}

/// A message that expires or dies arrives where it is sent to, or stays; the broker asks for just this overflow.
fn at_least_once() -> [(&'static str, Argument); 2] {
    [("x-dead-letter-strategy", "at-least-once".into()), ("x-overflow", "reject-publish".into())]
}

/// The value of an argument.
#[derive(Clone, Debug)]
enum Argument {
    Number(i64),
    Text(String),
}

impl From<i64> for Argument {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

fn arguments(list: &[(&str, Argument)]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in list {
        let value = match value {
            Argument::Number(number) => AMQPValue::LongLongInt(*number),
            Argument::Text(text) => AMQPValue::LongString(text.as_str().into()),
        };
        table.insert((*name).into(), value);
    }
    table
}
