//! One look at the outbox: publish what waits, mark what was confirmed.

use std::collections::HashMap;

use bus::{Bus, Message};
use clock::Clock;
use contracts::{Envelope, EventId, Exchange};
use db::Connection;
use futures_util::future::join_all;

use super::queries::{self, Waiting};

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Round {
    /// Nothing is to be published now.
    Nothing,
    /// There was something; there may be more.
    Published,
    /// The broker is away.
    Away,
}

/// The events of one aggregate, in order.
type Chain = Vec<Waiting>;

/// What became of a chain: the events before the first that failed, and that one.
#[derive(Default)]
struct Sent {
    published: Vec<EventId>,
    refused: Option<(Waiting, String)>,
    away: Option<String>,
}

/// Publishes the oldest events that wait. Aggregates travel beside each other, the events of one behind each other:
/// each once the one before it is confirmed, so that none overtakes one that fails.
pub(super) async fn round(conn: &mut Connection, bus: &Bus, clock: &Clock) -> db::Result<Round> {
    let waiting = queries::due(conn, clock.now()).await?;
    if waiting.is_empty() {
        return Ok(Round::Nothing);
    }
    let chains = join_all(in_chains(waiting).into_iter().map(|chain| publish(bus, chain))).await;
    let now = clock.now();
    let published: Vec<EventId> = chains.iter().flat_map(|sent| sent.published.iter().copied()).collect();
    if !published.is_empty() {
        queries::mark(conn, now, &published).await?;
        metrics::counter!("outbox_published_total").increment(published.len() as u64);
    }
    for (event, why) in chains.iter().filter_map(|sent| sent.refused.as_ref()) {
        tracing::warn!(event.id = %event.id, attempt = event.attempts, why, "an event was refused; its aggregate waits");
        queries::put_off(conn, now, event, why).await?;
        metrics::counter!("outbox_refused_total").increment(1);
    }
    match chains.iter().find_map(|sent| sent.away.as_ref()) {
        Some(why) => {
            tracing::debug!(why, "events wait for the broker");
            Ok(Round::Away)
        }
        None => Ok(Round::Published),
    }
}

/// Sorts by aggregate, each in its order.
fn in_chains(waiting: Vec<Waiting>) -> Vec<Chain> {
    let mut places = HashMap::new();
    let mut chains: Vec<Chain> = Vec::new();
    for event in waiting {
        let place = *places.entry(event.aggregate.clone()).or_insert(chains.len());
        match chains.get_mut(place) {
            Some(chain) => chain.push(event),
            None => chains.push(vec![event]),
        }
    }
    chains
}

async fn publish(bus: &Bus, chain: Chain) -> Sent {
    let mut sent = Sent::default();
    for event in chain {
        let answer = match message(bus, &event) {
            Ok(message) => bus.publish_one(message).await,
            Err(why) => Err(bus::Error::Refused(why)),
        };
        match answer {
            Ok(()) => sent.published.push(event.id),
            Err(bus::Error::Away(why)) => {
                sent.away = Some(why);
                break;
            }
            Err(bus::Error::Refused(why)) => {
                sent.refused = Some((event, why));
                break;
            }
        }
    }
    sent
}

fn message(bus: &Bus, event: &Waiting) -> Result<Message, String> {
    let exchange =
        Exchange::named(&event.exchange).ok_or_else(|| format!("there is no exchange {}", event.exchange))?;
    let mut envelope: Envelope =
        serde_json::from_value(event.envelope.clone()).map_err(|e| format!("it is not an envelope: {e}"))?;
    envelope.source = format!("/services/{}", bus.service());
    Ok(Message::new(exchange, &envelope))
}
