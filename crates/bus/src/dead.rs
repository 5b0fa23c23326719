//! Reading dead letters.

use std::time::Duration;

use lapin::message::BasicGetMessage;
use lapin::options::{BasicGetOptions, BasicNackOptions};
use lapin::types::{AMQPValue, FieldTable};

use crate::headers::{self, REASON, REQUEST_ID, TRACEPARENT, value};
use crate::link::answer;
use crate::topology::{dead_queue_of, queue_of};
use crate::{Bus, Error};

/// A message that will not be tried again.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// The event's id, where the message has one.
    pub id: Option<String>,
    /// The event's type, where the message has one.
    pub event_type: Option<String>,
    /// Why: the handler's own words, or `delivery_limit` when each of six consumers ended without an answer.
    pub reason: String,
    /// How often a handler has failed at it.
    pub attempts: u32,
    /// The request that caused it.
    pub request_id: Option<String>,
    /// The trace it is part of.
    pub traceparent: Option<String>,
    /// How long the broker keeps it; without an end what it took out of the queue itself.
    pub kept: Option<Duration>,
    /// The message, which may be anything.
    pub body: Vec<u8>,
}

impl Bus {
    /// The oldest dead letters of a service, at most `limit`. They stay where they are.
    ///
    /// # Errors
    /// When the broker is away, or the service has no such queue.
    pub async fn dead_letters(&self, service: &str, limit: usize) -> Result<Vec<DeadLetter>, Error> {
        let link = self.incoming().await;
        let channel = link.channel().await?;
        let queue = dead_queue_of(service);
        let (mut letters, mut last) = (Vec::new(), None);
        while letters.len() < limit {
            let Some(message) = answer(channel.basic_get(queue.as_str().into(), BasicGetOptions::default())).await?
            else {
                break;
            };
            letters.push(DeadLetter::of(&message, service));
            last = Some(message.delivery.acker);
        }
        if let Some(last) = last {
            // All of them go back to their places, before anybody else asks.
            answer(last.nack(BasicNackOptions { multiple: true, requeue: true })).await?;
        }
        answer(channel.close(200, "read".into())).await?;
        Ok(letters)
    }
}

impl DeadLetter {
    fn of(message: &BasicGetMessage, service: &str) -> Self {
        let properties = &message.properties;
        let own = headers::text(properties, REASON).map(str::to_owned);
        let brokers = || properties.headers().as_ref().and_then(|headers| death(headers, &queue_of(service)));
        Self {
            id: properties.message_id().as_ref().map(ToString::to_string),
            event_type: properties.kind().as_ref().map(ToString::to_string),
            // A message that failed before and then hit the limit has the words of the earlier failure as well.
            reason: brokers().or(own).unwrap_or_else(|| "unknown".into()),
            attempts: headers::attempt(properties),
            request_id: headers::text(properties, REQUEST_ID).map(str::to_owned),
            traceparent: headers::text(properties, TRACEPARENT).map(str::to_owned),
            kept: headers::kept(properties),
            body: message.data.clone(),
        }
    }
}

/// Why the broker itself took the message out of that queue. (`x-first-death-reason` would tell of the retry queue.)
fn death(headers: &FieldTable, queue: &str) -> Option<String> {
    let AMQPValue::FieldArray(deaths) = value(headers, "x-death")? else { return None };
    let text = |death: &FieldTable, name: &str| match value(death, name) {
        Some(AMQPValue::LongString(text)) => Some(text.to_string()),
        _ => None,
    };
    deaths.as_slice().iter().find_map(|death| match death {
        AMQPValue::FieldTable(death) if text(death, "queue").as_deref() == Some(queue) => text(death, "reason"),
        _ => None,
    })
}
