//! Which events a service consumes, and what it does about each.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bus::Binding;
use contracts::{Envelope, Event, EventId, Exchange, UserId};
use db::{Db, Tx};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;

use crate::emit::CAUSE;
use crate::inbox::{self, Taken};

/// Why an event had no effect this time. Whatever its handler wrote is rolled back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// The database is busy or away: it is tried again at once, and for as long as the database is away.
    Busy(String),
    /// It failed: it is tried again after 5 s, 30 s, 5 min and 1 h, then it is a dead letter.
    Retry(String),
    /// It will never succeed: it is a dead letter.
    Park(String),
}

/// An event as its handler reads it.
#[derive(Clone, Debug)]
pub struct Received<E> {
    /// Its id.
    pub id: EventId,
    /// When it happened.
    pub time: Timestamp,
    /// Its place among the events of its subject from its service.
    pub sequence: i64,
    /// The account that caused it.
    pub actor: Option<UserId>,
    /// The event.
    pub data: E,
}

/// An async function of a transaction, the service's state and an event of type `E`: what [`Subscriptions::on`] takes.
pub trait On<'a, S: 'a, E: 'a>: Fn(&'a mut Tx, &'a S, &'a Received<E>) -> Self::Done + Send + Sync {
    /// Its future.
    type Done: Future<Output = Result<(), Halt>> + Send + 'a;
}

impl<'a, S: 'a, E: 'a, F, D> On<'a, S, E> for F
where
    F: Fn(&'a mut Tx, &'a S, &'a Received<E>) -> D + Send + Sync,
    D: Future<Output = Result<(), Halt>> + Send + 'a,
{
    type Done = D;
}

/// The events that a service consumes, each with its handler.
pub struct Subscriptions<S> {
    service: &'static str,
    handlers: BTreeMap<&'static str, Subscription<S>>,
}

struct Subscription<S> {
    exchange: Exchange,
    /// The event says how its subject is, whole: after a newer one it has no effect.
    whole: bool,
    handler: Box<dyn Read<S>>,
}

impl<S: Send + Sync + 'static> Subscriptions<S> {
    /// No subscriptions yet, of this service.
    pub fn new(service: &'static str) -> Self {
        Self { service, handlers: BTreeMap::new() }
    }

    /// Consumes events of type `E`. The handler runs in the transaction that notes the event, once for each event; of
    /// events that carry a `version`, which are whole, never for one that is older than the newest it had.
    #[must_use]
    pub fn on<E: Event>(mut self, handler: impl for<'a> On<'a, S, E> + 'static) -> Self {
        let subscription = Subscription {
            exchange: E::EXCHANGE,
            whole: is_whole::<E>(),
            handler: Box::new(Typed { handler: Arc::new(handler), event: std::marker::PhantomData::<fn() -> E> }),
        };
        self.handlers.insert(E::TYPE, subscription);
        self
    }

    /// Whose they are.
    pub fn service(&self) -> &'static str {
        self.service
    }

    /// The types consumed.
    pub fn types(&self) -> impl Iterator<Item = &'static str> {
        self.handlers.keys().copied()
    }

    /// What the service's queue is bound to.
    pub fn bindings(&self) -> Vec<Binding> {
        self.handlers.iter().filter_map(|(event_type, one)| Binding::new(one.exchange, event_type)).collect()
    }

    /// Takes an event in: notes it and runs its handler, in one transaction.
    ///
    /// # Errors
    /// When it had no effect; the event may be brought again.
    pub async fn take_in(&self, db: &Db, state: &S, envelope: &Envelope) -> Result<Taken, Halt> {
        let Some(subscription) = self.handlers.get(envelope.event_type.as_str()) else {
            // A newer version of this service may run beside this one, and know.
            return Err(Halt::Retry(format!("nobody here knows {}", envelope.event_type)));
        };
        let event = subscription.handler.read(envelope).map_err(Halt::Park)?;
        let (service, whole) = (self.service, subscription.whole);
        let effect = db.tx(async |tx| -> Result<Taken, Halt> {
            let taken = inbox::take(tx, service, envelope, whole).await?;
            if taken == Taken::Now {
                event.run(tx, state).await?;
            }
            Ok(taken)
        });
        CAUSE.scope(envelope.id, effect).await
    }
}

/// Reads events of one type.
trait Read<S>: Send + Sync {
    fn read(&self, envelope: &Envelope) -> Result<Box<dyn Run<S>>, String>;
}

/// An event that was read, with its handler.
trait Run<S>: Send + Sync {
    fn run<'a>(&'a self, tx: &'a mut Tx, state: &'a S) -> BoxFuture<'a, Result<(), Halt>>;
}

struct Typed<E, H> {
    handler: Arc<H>,
    event: std::marker::PhantomData<fn() -> E>,
}

struct Ready<E, H> {
    handler: Arc<H>,
    event: Received<E>,
}

impl<S: Sync + 'static, E: Event, H: for<'a> On<'a, S, E> + 'static> Read<S> for Typed<E, H> {
    fn read(&self, envelope: &Envelope) -> Result<Box<dyn Run<S>>, String> {
        let data = envelope.open().map_err(|error| format!("it is not a {}: {error}", E::TYPE))?;
        let actor = envelope.actorid.as_deref().and_then(|actor| actor.parse().ok());
        let event = Received { id: envelope.id, time: envelope.time, sequence: envelope.sequence, actor, data };
        Ok(Box::new(Ready { handler: self.handler.clone(), event }))
    }
}

impl<S: Sync + 'static, E: Event, H: for<'a> On<'a, S, E> + 'static> Run<S> for Ready<E, H> {
    fn run<'a>(&'a self, tx: &'a mut Tx, state: &'a S) -> BoxFuture<'a, Result<(), Halt>> {
        Box::pin((self.handler)(tx, state, &self.event))
    }
}

/// Events with a `version` say how their subject is, whole, and an older one is skipped: so contracts describes it.
fn is_whole<E: Event>() -> bool {
    let sample = serde_json::to_value(E::sample()).unwrap_or_default();
    sample.get("version").is_some_and(Value::is_i64)
}

impl From<db::Error> for Halt {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::Busy(reason) => Self::Busy(reason),
            error => Self::Retry(error.to_string()),
        }
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy(reason) | Self::Retry(reason) | Self::Park(reason) => f.write_str(reason),
        }
    }
}

impl<S> fmt::Debug for Subscriptions<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriptions").field("service", &self.service).field("types", &self.handlers.keys()).finish()
    }
}
