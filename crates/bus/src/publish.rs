//! Publishing: done when the broker has confirmed it, and only then.

use std::sync::Arc;
use std::time::Duration;

use lapin::options::BasicPublishOptions;
use lapin::{Channel, Confirmation, PublisherConfirm};
use tokio::time::Instant;

use crate::link::{Link, within};
use crate::message::Parcel;
use crate::{Bus, Error, Message};

/// How long the broker may take to confirm a message.
const CONFIRM_WITHIN: Duration = Duration::from_secs(5);
/// How long the first message waits for its connection.
const OPEN_WITHIN: Duration = Duration::from_secs(2);

impl Bus {
    /// Publishes messages in this order, all under way at once, and answers for each. One that the broker does not
    /// confirm within 5 s may have arrived nonetheless: publish it again.
    pub async fn publish(&self, batch: Vec<Message>) -> Vec<Result<(), Error>> {
        let link = match self.out().await {
            Ok(link) => link,
            Err(error) => return batch.iter().map(|_| counted(Err(error.clone()))).collect(),
        };
        let parcels: Vec<_> = batch.into_iter().map(Message::parcel).collect();
        let mut written = Vec::with_capacity(parcels.len());
        let mut away = None;
        for parcel in &parcels {
            let begun = match (&away, parcel) {
                (Some(error), _) | (None, Err(error)) => Err(error.clone()),
                (None, Ok(parcel)) => link.begin(parcel).await,
            };
            if let Err(error @ Error::Away(_)) = &begun {
                away = Some(error.clone());
            }
            written.push(begun);
        }
        // One after the other, though all are under way: what is not asked for yet wakes nobody when it is there.
        let (until, mut sent) = (Instant::now() + CONFIRM_WITHIN, Vec::with_capacity(parcels.len()));
        for (parcel, begun) in parcels.iter().zip(written) {
            sent.push(match parcel {
                Ok(parcel) => counted(link.finish(parcel, begun, until).await),
                Err(error) => counted(Err(error.clone())),
            });
        }
        sent
    }

    /// Publishes one message.
    ///
    /// # Errors
    /// [`Error::Away`] when any message would have failed, [`Error::Refused`] when this one did.
    pub async fn publish_one(&self, message: Message) -> Result<(), Error> {
        let sent = async { self.out().await?.publish(&message.parcel()?).await };
        counted(sent.await)
    }

    /// The connection that publishes, once the other one has found or declared what is published to. The first message
    /// opens it, and waits for it where there is a broker.
    async fn out(&self) -> Result<Arc<Link>, Error> {
        let away = || Error::Away("not connected".into());
        match self.outgoing().link() {
            _ if self.0.incoming.link().is_none() => Err(away()),
            Some(link) => Ok(link),
            None => tokio::time::timeout(OPEN_WITHIN, self.outgoing().up()).await.map_err(|_| away()),
        }
    }

    /// Publishes for as long as it takes; gives up only when `until` completes.
    pub(crate) async fn insist(&self, parcel: &Parcel, until: impl Future<Output = ()>) -> Result<(), Error> {
        let sent = async {
            loop {
                let link = self.outgoing().up().await;
                match link.publish(parcel).await {
                    Ok(()) => return,
                    Err(error) => tracing::warn!(%error, exchange = parcel.exchange, "a message is not sent on yet"),
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        tokio::select! {
            () = sent => Ok(()),
            () = until => Err(Error::Away("the connection was lost".into())),
        }
    }
}

impl Link {
    async fn publish(&self, parcel: &Parcel) -> Result<(), Error> {
        let begun = self.begin(parcel).await;
        self.finish(parcel, begun, Instant::now() + CONFIRM_WITHIN).await
    }

    /// Writes a message to the channel that all share; what is answered completes when the broker confirms it.
    async fn begin(&self, parcel: &Parcel) -> Result<PublisherConfirm, Error> {
        if self.is_blocked() {
            return Err(Error::Away("it takes no messages, for want of memory or disk".into()));
        }
        let begun = async {
            let mut publisher = self.publisher.lock().await;
            let channel = match publisher.take() {
                Some(channel) if channel.status().connected() => channel,
                _ => self.confirming().await?,
            };
            let confirm = write(&channel, parcel).await;
            *publisher = Some(channel);
            Ok(confirm?)
        };
        self.by(Instant::now() + CONFIRM_WITHIN, begun).await
    }

    /// Waits for the broker's word, until a moment that a whole batch shares.
    async fn finish(
        &self,
        parcel: &Parcel,
        begun: Result<PublisherConfirm, Error>,
        until: Instant,
    ) -> Result<(), Error> {
        let sent = match begun {
            Ok(confirm) => self.by(until, async { understand(confirm.await?) }).await,
            Err(error) => Err(error),
        };
        match sent {
            // The broker closes a channel for one message, and with it whatever else was under way there: so this may
            // be another's fault. On a channel of its own it can only be its own.
            Err(Error::Refused(_)) if self.is_up() => alone(&self.confirming().await?, parcel).await,
            sent => sent,
        }
    }

    async fn by<T>(&self, until: Instant, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        tokio::time::timeout_at(until, answer).await.unwrap_or_else(|_| {
            // What became of it nobody knows. A broker that is only out of room will say so and go on later.
            if !self.is_blocked() {
                self.give_up();
            }
            Err(Error::Away(format!("no confirmation for {} s", CONFIRM_WITHIN.as_secs())))
        })
    }
}

async fn alone(channel: &Channel, parcel: &Parcel) -> Result<(), Error> {
    let sent = within(CONFIRM_WITHIN, async { write(channel, parcel).await?.await }).await.and_then(understand);
    // A channel that the broker closed cannot be closed again.
    let _ = within(Duration::from_secs(1), channel.close(200, "done".into())).await;
    sent
}

fn counted(sent: Result<(), Error>) -> Result<(), Error> {
    let outcome = match &sent {
        Ok(()) => "confirmed",
        Err(Error::Away(_)) => "away",
        Err(Error::Refused(_)) => "refused",
    };
    metrics::counter!("bus_published_total", "outcome" => outcome).increment(1);
    sent
}

/// Writes a message; what is answered completes when the broker confirms it.
async fn write(channel: &Channel, parcel: &Parcel) -> Result<PublisherConfirm, lapin::Error> {
    let options = BasicPublishOptions { mandatory: parcel.mandatory, ..Default::default() };
    let (exchange, key) = (parcel.exchange.as_str().into(), parcel.key.as_str().into());
    channel.basic_publish(exchange, key, options, &parcel.body, parcel.properties.clone()).await
}

fn understand(confirmation: Confirmation) -> Result<(), Error> {
    match confirmation {
        Confirmation::Ack(None) => Ok(()),
        Confirmation::Ack(Some(_)) => Err(Error::Refused("no queue is bound to it".into())),
        Confirmation::Nack(_) => Err(Error::Refused("a queue did not take it".into())),
        Confirmation::NotRequested => Err(Error::Away("confirmations are off".into())),
    }
}
