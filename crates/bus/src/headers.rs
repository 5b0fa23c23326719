//! The headers of our messages, in and out.

use std::time::Duration;

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, ShortString};

/// The request that caused it.
pub(crate) const REQUEST_ID: &str = "x-request-id";
/// The trace it is part of.
pub(crate) const TRACEPARENT: &str = "traceparent";
/// How often a handler has failed at it.
pub(crate) const ATTEMPT: &str = "x-attempt";
/// Why it failed last.
pub(crate) const REASON: &str = "x-reason";
/// What the broker writes when it dead-letters. RabbitMQ 3.10 believes it from a client and drops what seems to go
/// round in circles, so a message that is sent on goes without.
const BROKERS_OWN: [&str; 3] = ["x-death", "x-first-death-", "x-last-death-"];

/// A dead letter may be about somebody, so nobody keeps it longer than the journal keeps events: 30 days, in milliseconds.
const DEAD_KEPT_MS: &str = "2592000000";

/// A reason is for a person to read.
const LONGEST_REASON: usize = 500;

/// A text among the headers.
pub(crate) fn text<'a>(properties: &'a BasicProperties, name: &str) -> Option<&'a str> {
    match value(properties.headers().as_ref()?, name)? {
        AMQPValue::LongString(text) => std::str::from_utf8(text.as_bytes()).ok(),
        AMQPValue::ShortString(text) => Some(text.as_str()),
        _ => None,
    }
}

/// How often a handler has failed at it.
pub(crate) fn attempt(properties: &BasicProperties) -> u32 {
    let attempt = properties.headers().as_ref().and_then(|headers| value(headers, ATTEMPT)).and_then(number);
    attempt.and_then(|attempt| u32::try_from(attempt).ok()).unwrap_or(0)
}

/// The header of that name.
pub(crate) fn value<'a>(headers: &'a FieldTable, name: &str) -> Option<&'a AMQPValue> {
    headers.inner().get(name)
}

/// Whatever integer it is.
pub(crate) fn number(value: &AMQPValue) -> Option<i64> {
    match value {
        AMQPValue::ShortShortInt(n) => Some((*n).into()),
        AMQPValue::ShortShortUInt(n) => Some((*n).into()),
        AMQPValue::ShortInt(n) => Some((*n).into()),
        AMQPValue::ShortUInt(n) => Some((*n).into()),
        AMQPValue::LongInt(n) => Some((*n).into()),
        AMQPValue::LongUInt(n) => Some((*n).into()),
        AMQPValue::LongLongInt(n) => Some(*n),
        _ => None,
    }
}

/// The properties of a message that is sent on after it has failed.
pub(crate) fn failed(properties: &BasicProperties, attempt: u32, reason: &str) -> BasicProperties {
    let mut headers = FieldTable::default();
    for (name, value) in properties.headers().iter().flatten() {
        if !BROKERS_OWN.iter().any(|own| name.as_str().starts_with(own)) {
            headers.insert(name.clone(), value.clone());
        }
    }
    headers.insert(ATTEMPT.into(), AMQPValue::LongLongInt(attempt.into()));
    headers.insert(REASON.into(), long(&cut(reason)));
    properties.clone().with_headers(headers).with_delivery_mode(2)
}

/// The same for a message that rests with the dead letters. The queue's own arguments cannot say so any more: a queue that
/// exists keeps those that it was made with.
pub(crate) fn resting(properties: BasicProperties) -> BasicProperties {
    properties.with_expiration(DEAD_KEPT_MS.into())
}

/// How long the broker keeps the message, where the message says it.
pub(crate) fn kept(properties: &BasicProperties) -> Option<Duration> {
    let ms = properties.expiration().as_ref()?.as_str().parse().ok()?;
    Some(Duration::from_millis(ms))
}

/// A text as a header's value.
pub(crate) fn long(text: &str) -> AMQPValue {
    AMQPValue::LongString(text.into())
}

/// A text as a property, if it is short enough to be one.
pub(crate) fn short(text: &str) -> Option<ShortString> {
    ShortString::try_new(text).ok()
}

/// A reason on one line and not too long.
pub(crate) fn cut(reason: &str) -> String {
    let mut cut: String = reason.chars().take(LONGEST_REASON).collect();
    cut.retain(|c| c != '\0');
    cut.replace(['\n', '\r'], " ")
}
