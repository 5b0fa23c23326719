//! One look at the outbox: publish what waits, mark what was confirmed.

use std::collections::{HashMap, VecDeque};
use std::mem::take;

use bus::{Bus, Message};
use clock::Clock;
use contracts::{EventId, Exchange};
use db::Connection;

use super::horizon::Horizon;
use super::queries::{self, Waiting};

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Round {
    /// Nothing is to be published now.
    Nothing,
    /// There were so many; there may be more.
    Published(usize),
    /// The broker is away.
    Away,
}

/// The events of one aggregate, in order: the first, and those behind it.
type Chain = (Waiting, VecDeque<Waiting>);

/// What became of them.
#[derive(Default)]
struct Sent {
    published: Vec<EventId>,
    fleeting: Vec<EventId>,
    refused: Vec<(Waiting, String)>,
    away: Option<String>,
}

/// Publishes the oldest events that wait. Aggregates travel beside each other, the events of one behind each other:
/// each once the one before it is confirmed, so that none overtakes one that fails.
pub(super) async fn round(conn: &mut Connection, bus: &Bus, clock: &Clock, horizon: &mut Horizon) -> db::Result<Round> {
    let source = format!("/services/{}", bus.service());
    let waiting = queries::due(conn, clock.now(), horizon.low(), &source).await?;
    match waiting.last() {
        Some(last) => horizon.saw(last.position),
        None => return Ok(Round::Nothing),
    }
    let sent = publish(bus, in_chains(waiting)).await;
    let (now, published) = (clock.now(), sent.published.len() + sent.fleeting.len());
    if !sent.published.is_empty() {
        queries::mark(conn, now, &sent.published).await?;
    }
    if !sent.fleeting.is_empty() {
        queries::forget(conn, &sent.fleeting).await?;
    }
    if published > 0 {
        metrics::counter!("outbox_published_total").increment(published as u64);
    }
    for (event, why) in &sent.refused {
        tracing::warn!(event.id = %event.id, attempt = event.attempts, why, "an event was refused; its aggregate waits");
        queries::put_off(conn, now, event, why).await?;
        metrics::counter!("outbox_refused_total").increment(1);
    }
    match sent.away {
        Some(why) => {
            tracing::debug!(why, "events wait for the broker");
            Ok(Round::Away)
        }
        None => Ok(Round::Published(published)),
    }
}

/// Sorts by aggregate, each in its order.
fn in_chains(waiting: Vec<Waiting>) -> Vec<Chain> {
    let mut known = HashMap::with_capacity(waiting.len());
    let mut places = Vec::with_capacity(waiting.len());
    for event in &waiting {
        let next = known.len();
        places.push(*known.entry(event.aggregate.as_str()).or_insert(next));
    }
    let mut chains: Vec<Chain> = Vec::with_capacity(waiting.len());
    for (event, place) in waiting.into_iter().zip(places) {
        match chains.get_mut(place) {
            Some((_, behind)) => behind.push_back(event),
            None => chains.push((event, VecDeque::new())),
        }
    }
    chains
}

/// The first of each chain together, then the second of those whose first was confirmed, and so on.
async fn publish(bus: &Bus, mut chains: Vec<Chain>) -> Sent {
    let mut sent = Sent::default();
    while !chains.is_empty() && sent.away.is_none() {
        let (mut wave, mut messages) = (Vec::with_capacity(chains.len()), Vec::with_capacity(chains.len()));
        for (mut event, behind) in chains.drain(..) {
            match Exchange::named(&event.exchange) {
                Some(exchange) => {
                    messages.push(message(exchange, &mut event));
                    wave.push((event, behind));
                }
                None => sent.refused.push((event, "there is no such exchange".into())),
            }
        }
        for ((event, mut behind), answer) in wave.into_iter().zip(bus.publish(messages).await) {
            match answer {
                Ok(()) => {
                    let told = if event.fleeting { &mut sent.fleeting } else { &mut sent.published };
                    told.push(event.id);
                    chains.extend(behind.pop_front().map(|next| (next, behind)));
                }
                Err(bus::Error::Refused(why)) => sent.refused.push((event, why)),
                Err(bus::Error::Away(why)) => sent.away = Some(why),
            }
        }
    }
    sent
}

/// The event as a message; what only the message needs is taken.
fn message(exchange: Exchange, event: &mut Waiting) -> Message {
    Message {
        exchange,
        id: event.id,
        event_type: take(&mut event.event_type),
        time: event.time.0,
        request_id: event.request_id.take(),
        traceparent: event.traceparent.take(),
        body: take(&mut event.envelope).into_bytes(),
    }
}
