//! The envelope of every event: CloudEvents 1.0, structured JSON.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Event, EventId};

/// An event on its way. Field names are those of CloudEvents 1.0 and its `sequence`, `partitioning` and
/// `distributed-tracing` extensions; `actorid`, `correlationid` and `causationid` are ours. What is in it is a `D`: the event
/// itself for who writes it, JSON for who reads it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope<D = Value> {
    /// Always `1.0`.
    pub specversion: String,
    /// Unique; consumers remember it.
    pub id: EventId,
    /// `/services/<name>`.
    pub source: String,
    /// The event's type, which is its routing key.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The id of what it is about.
    pub subject: String,
    /// When it happened.
    pub time: Timestamp,
    /// Always `application/json`.
    pub datacontenttype: String,
    /// Where the schema of `data` is.
    pub dataschema: String,
    /// Its place among the events of its subject from this service, from 1.
    pub sequence: i64,
    /// W3C trace context of what caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// The account that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actorid: Option<String>,
    /// The id of the request it began with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlationid: Option<String>,
    /// The id of the event that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causationid: Option<EventId>,
    /// The event itself.
    pub data: D,
}

impl Envelope {
    /// The media type of an envelope.
    pub const CONTENT_TYPE: &'static str = "application/cloudevents+json";

    /// The event inside, or what is wrong with it.
    pub fn open<E: Event>(&self) -> Result<E, serde_json::Error> {
        E::deserialize(&self.data)
    }

    /// Where the schema of a type is published.
    pub fn schema_of(event_type: &str) -> String {
        format!("https://jolmood.dev/events/{event_type}.json")
    }
}
