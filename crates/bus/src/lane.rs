//! What is done with one message after the other.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use contracts::Envelope;
use futures_util::FutureExt;
use lapin::message::Delivery as Raw;
use lapin::options::BasicAckOptions;
use telemetry::Context;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::headers::{self, REQUEST_ID, TRACEPARENT, cut};
use crate::link::Link;
use crate::message::Parcel;
use crate::topology::{DEAD, RETRIES, retry_exchange};
use crate::{Bus, Delivery, Error, Handler, Outcome};

/// A message, and the event in it or what is wrong with it.
pub(crate) struct Arrival {
    pub raw: Raw,
    pub envelope: Result<Envelope, String>,
}

impl Arrival {
    pub fn new(raw: Raw) -> Self {
        let envelope = serde_json::from_slice(&raw.data).map_err(|e| format!("it is not an envelope: {e}"));
        Self { raw, envelope }
    }
}

/// Works off arrivals in their order.
pub(crate) struct Lane<'a, H> {
    pub bus: &'a Bus,
    pub link: &'a Arc<Link>,
    pub queue: &'a str,
    pub handler: &'a H,
    pub stop: watch::Receiver<bool>,
}

impl<H: Handler> Lane<'_, H> {
    /// Ends when nothing arrives any more; what was not begun at `stop` is left unanswered.
    pub async fn run(&self, mut arrivals: mpsc::UnboundedReceiver<Arrival>) -> Result<(), Error> {
        while let Some(arrival) = arrivals.recv().await {
            if *self.stop.borrow() {
                return Ok(());
            }
            self.work(arrival).await?;
        }
        Ok(())
    }

    async fn work(&self, arrival: Arrival) -> Result<(), Error> {
        let Arrival { raw, envelope } = arrival;
        let failed = headers::attempt(&raw.properties);
        let event_type = envelope.as_ref().map_or("unreadable", |envelope| &envelope.event_type).to_owned();
        let context = context(&raw, envelope.as_ref().ok());
        let span = context.trace;
        let begun = Instant::now();
        let answered = async {
            let outcome = match envelope {
                Ok(envelope) => {
                    let redelivered = raw.redelivered;
                    self.ask(Delivery { envelope, attempt: failed, redelivered }).await
                }
                Err(reason) => Outcome::Park(reason),
            };
            let word = word(&outcome);
            tell(&outcome, &event_type, failed);
            metrics::counter!("bus_consumed_total", "outcome" => word).increment(1);
            let took = begun.elapsed();
            metrics::histogram!("bus_handler_seconds").record(took.as_secs_f64());
            let (kind, name) = (telemetry::Kind::Consumer, event_type.clone().into());
            telemetry::export(telemetry::Span { trace: span, kind, name, took, failed: word != "done", numbers: &[] });
            self.answer(&raw, failed, outcome).await
        };
        context.scope(answered).await
    }

    /// Whatever a handler does, there is an answer.
    async fn ask(&self, delivery: Delivery) -> Outcome {
        let answered = AssertUnwindSafe(async { self.handler.handle(delivery).await }).catch_unwind().await;
        answered.unwrap_or_else(|panic| Outcome::Retry(format!("the handler panicked: {}", said(&*panic))))
    }

    /// Acknowledges the message once whatever is left to do with it is somebody else's.
    async fn answer(&self, raw: &Raw, failed: u32, outcome: Outcome) -> Result<(), Error> {
        let next = match outcome {
            Outcome::Done => None,
            Outcome::Retry(reason) => {
                let exchange = retry_exchange(failed).unwrap_or_else(|| DEAD.to_owned());
                Some((exchange, failed.saturating_add(1), reason))
            }
            Outcome::Later(reason) => {
                let last = u32::try_from(RETRIES.len() - 1).unwrap_or(0);
                Some((retry_exchange(failed.min(last)).unwrap_or_default(), failed, reason))
            }
            Outcome::Park(reason) => Some((DEAD.to_owned(), failed.saturating_add(1), reason)),
        };
        if let Some((exchange, failed, reason)) = next {
            let parcel = Parcel::again(&exchange, self.queue, raw, failed, &reason);
            // Once the connection is lost the message is delivered again, and answered then.
            self.bus.insist(&parcel, self.link.gone()).await?;
        }
        match raw.acker.ack(BasicAckOptions::default()).await? {
            true => Ok(()),
            false => Err(Error::Away("it was lost before an acknowledgement".into())),
        }
    }
}

/// The request and trace that the message is part of; the envelope says it too, for who publishes without headers.
fn context(raw: &Raw, envelope: Option<&Envelope>) -> Context {
    let request_id = headers::text(&raw.properties, REQUEST_ID).or(envelope.and_then(|e| e.correlationid.as_deref()));
    let trace = headers::text(&raw.properties, TRACEPARENT).or(envelope.and_then(|e| e.traceparent.as_deref()));
    let mut context = Context::of_headers(request_id, trace);
    context.actor = envelope.and_then(|e| e.actorid.clone());
    context
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Retry(_) => "retry",
        Outcome::Later(_) => "later",
        Outcome::Park(_) => "park",
    }
}

fn tell(outcome: &Outcome, event_type: &str, failed: u32) {
    match outcome {
        Outcome::Done => tracing::debug!(event.r#type = event_type, "done"),
        Outcome::Later(reason) => tracing::info!(event.r#type = event_type, reason = cut(reason), "put off"),
        Outcome::Retry(reason) if retry_exchange(failed).is_some() => {
            tracing::warn!(
                event.r#type = event_type,
                attempt = failed,
                reason = cut(reason),
                "failed; tried again later"
            );
        }
        Outcome::Retry(reason) | Outcome::Park(reason) => {
            tracing::error!(
                event.r#type = event_type,
                attempt = failed,
                reason = cut(reason),
                "given up: a dead letter"
            );
        }
    }
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a word")
}
