//! What a service told, and telling it something.

use contracts::{Envelope, Event, EventId};
use diesel::sql_types::{BigInt, Jsonb};
use diesel_async::RunQueryDsl;
use outbox::{Halt, Taken};
use serde_json::Value;

use crate::{Subject, TestApp};

/// A moment among the events that a service emits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(i64);

impl AsRef<Self> for Mark {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl<S: Subject> TestApp<S> {
    /// All that was emitted, in order.
    pub async fn emitted(&self) -> Vec<Envelope> {
        self.emitted_since(Mark(0)).await
    }

    /// All that was emitted of one type, in order.
    pub async fn emitted_of<E: Event>(&self) -> Vec<E> {
        let all = self.emitted().await;
        all.iter().filter(|one| one.event_type == E::TYPE).map(|one| one.open().unwrap()).collect()
    }

    /// What was emitted after `mark`.
    pub async fn emitted_since(&self, mark: impl AsRef<Mark>) -> Vec<Envelope> {
        let mut conn = self.db().conn().await.unwrap();
        let query = db::sql::<Jsonb>("SELECT envelope FROM outbox WHERE position > $1 ORDER BY position");
        let rows: Vec<Value> = query.bind::<BigInt, _>(mark.as_ref().0).load(&mut *conn).await.unwrap();
        rows.into_iter().map(|row| serde_json::from_value(row).unwrap()).collect()
    }

    /// Now.
    pub async fn mark(&self) -> Mark {
        let mut conn = self.db().conn().await.unwrap();
        let query = db::sql::<BigInt>("SELECT coalesce(max(position), 0) FROM outbox");
        Mark(query.get_result(&mut *conn).await.unwrap())
    }

    /// Nothing was emitted after `mark`.
    pub async fn emitted_nothing_since(&self, mark: impl AsRef<Mark>) {
        let told = self.emitted_since(mark).await;
        assert!(told.is_empty(), "something was emitted: {told:#?}");
    }

    /// Brings an event as the broker would, and answers what became of it. Each call is a new event.
    pub async fn deliver<E: Event>(&self, event: &E) -> Result<Taken, Halt> {
        self.deliver_envelope(&self.envelope(event)).await
    }

    /// Brings an event in this envelope: twice the same is a repetition.
    pub async fn deliver_envelope(&self, envelope: &Envelope) -> Result<Taken, Halt> {
        S::subscriptions().take_in(self.db(), self.state(), envelope).await
    }

    /// An event in the envelope that the broker would bring: the only one of its subject so far.
    pub fn envelope<E: Event>(&self, event: &E) -> Envelope {
        let now = self.clock.now();
        let family = E::TYPE.split('.').next().unwrap_or_default();
        Envelope {
            specversion: "1.0".into(),
            id: EventId::at(now),
            source: format!("/services/{family}"),
            event_type: E::TYPE.into(),
            subject: event.subject(),
            time: now,
            datacontenttype: "application/json".into(),
            dataschema: Envelope::schema_of(E::TYPE),
            sequence: sequence(event),
            traceparent: None,
            actorid: None,
            correlationid: None,
            causationid: None,
            data: serde_json::to_value(event).unwrap(),
        }
    }
}

/// Events that carry their subject whole have a version, which is a place among them as good as any.
fn sequence<E: Event>(event: &E) -> i64 {
    let data = serde_json::to_value(event).unwrap();
    data.get("version").and_then(Value::as_i64).unwrap_or(1)
}
