//! A message to be published.

use contracts::{Envelope, EventId, Exchange};
use jiff::Timestamp;
use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::FieldTable;

use crate::Error;
use crate::headers::{self, REQUEST_ID, TRACEPARENT, long, short};
use crate::topology::DEAD;

/// An event tells what happened; it is no place for what was uploaded. Of what exceeds its own limit (16 MiB in
/// RabbitMQ 4) a broker reads not even to the end.
const LARGEST: usize = 1 << 20;

/// An event on its way out: the envelope as it will be read, and what the broker is told of it.
#[derive(Clone, Debug)]
pub struct Message {
    /// Where it goes.
    pub exchange: Exchange,
    /// The event's id.
    pub id: EventId,
    /// The event's type, which is its routing key.
    pub event_type: String,
    /// When it happened.
    pub time: Timestamp,
    /// The id of the request it began with.
    pub request_id: Option<String>,
    /// W3C trace context of what caused it.
    pub traceparent: Option<String>,
    /// The envelope, as JSON.
    pub body: Vec<u8>,
}

impl Message {
    /// The message that carries `envelope` to `exchange`.
    pub fn new(exchange: Exchange, envelope: &Envelope) -> Self {
        Self {
            exchange,
            id: envelope.id,
            event_type: envelope.event_type.clone(),
            time: envelope.time,
            request_id: envelope.correlationid.clone(),
            traceparent: envelope.traceparent.clone(),
            // Strings and numbers under string keys: it cannot fail.
            body: serde_json::to_vec(envelope).unwrap_or_default(),
        }
    }

    /// What is published of it, unless it is too large.
    pub(crate) fn parcel(&self) -> Result<Parcel<'_>, Error> {
        let mut table = FieldTable::default();
        for (name, value) in [(REQUEST_ID, &self.request_id), (TRACEPARENT, &self.traceparent)] {
            if let Some(value) = value {
                table.insert(name.into(), long(value));
            }
        }
        if self.body.len() > LARGEST {
            return Err(Error::Refused(format!("its envelope is larger than {LARGEST} bytes")));
        }
        let too_long = || Error::Refused("its type is longer than 255 bytes".into());
        let key = short(&self.event_type).ok_or_else(too_long)?;
        let properties = BasicProperties::default()
            .with_content_type(Envelope::CONTENT_TYPE.into())
            .with_message_id(self.id.to_string().into())
            .with_type(key)
            .with_timestamp(u64::try_from(self.time.as_second()).unwrap_or(0))
            .with_headers(table)
            .with_delivery_mode(2);
        Ok(Parcel {
            exchange: self.exchange.name(),
            key: &self.event_type,
            // Nobody has to be listening for revocations.
            mandatory: self.exchange != Exchange::Revocations,
            properties,
            body: &self.body,
        })
    }
}

/// Bytes on their way to an exchange.
#[derive(Clone, Debug)]
pub(crate) struct Parcel<'m> {
    pub exchange: &'m str,
    pub key: &'m str,
    /// Whether it is an error that no queue takes it.
    pub mandatory: bool,
    pub properties: BasicProperties,
    pub body: &'m [u8],
}

impl<'m> Parcel<'m> {
    /// The same message once more to its own queue, by way of an exchange where it waits or rests.
    pub fn again(exchange: &'m str, queue: &'m str, from: &'m Delivery, attempt: u32, reason: &str) -> Self {
        let properties = headers::failed(&from.properties, attempt, reason);
        let properties = if exchange == DEAD { headers::resting(properties) } else { properties };
        Self { exchange, key: queue, mandatory: true, properties, body: &from.data }
    }
}
