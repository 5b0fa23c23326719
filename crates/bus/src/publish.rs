//! Publishing: done when the broker has confirmed it, and only then.

use std::time::Duration;

use futures_util::future::join_all;
use lapin::options::BasicPublishOptions;
use lapin::{Channel, Confirmation};

use crate::link::{Link, within};
use crate::message::Parcel;
use crate::{Bus, Error, Message};

/// How long the broker may take to confirm a message.
const CONFIRM_WITHIN: Duration = Duration::from_secs(5);

impl Bus {
    /// Publishes messages, all under way at once, and answers for each in the same order. One that the broker does not
    /// confirm within 5 s may have arrived nonetheless: publish it again.
    pub async fn publish(&self, batch: Vec<Message>) -> Vec<Result<(), Error>> {
        join_all(batch.into_iter().map(|message| self.send(message.parcel()))).await
    }

    /// Publishes one message.
    ///
    /// # Errors
    /// [`Error::Away`] when any message would have failed, [`Error::Refused`] when this one did.
    pub async fn publish_one(&self, message: Message) -> Result<(), Error> {
        self.send(message.parcel()).await
    }

    async fn send(&self, parcel: Result<Parcel, Error>) -> Result<(), Error> {
        let sent = match parcel {
            Ok(parcel) => self.deliver(&parcel).await,
            Err(error) => Err(error),
        };
        let outcome = match &sent {
            Ok(()) => "confirmed",
            Err(Error::Away(_)) => "away",
            Err(Error::Refused(_)) => "refused",
        };
        metrics::counter!("bus_published_total", "outcome" => outcome).increment(1);
        sent
    }

    pub(crate) async fn deliver(&self, parcel: &Parcel) -> Result<(), Error> {
        let Some(link) = self.outgoing().link() else {
            return Err(Error::Away("not connected".into()));
        };
        link.publish(parcel).await
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
        match self.attempt(parcel).await {
            // The broker closes a channel for one message, and with it whatever else was under way there: so this may
            // be another's fault. On a channel of its own it can only be its own.
            Err(Error::Refused(_)) if self.is_up() => alone(&self.confirming().await?, parcel).await,
            sent => sent,
        }
    }

    async fn attempt(&self, parcel: &Parcel) -> Result<(), Error> {
        if self.is_blocked() {
            return Err(Error::Away("it takes no messages, for want of memory or disk".into()));
        }
        let sent = tokio::time::timeout(CONFIRM_WITHIN, async {
            let confirmation = {
                let mut publisher = self.publisher.lock().await;
                let channel = match publisher.take() {
                    Some(channel) if channel.status().connected() => channel,
                    _ => self.confirming().await?,
                };
                let confirmation = write(&channel, parcel).await;
                *publisher = Some(channel);
                confirmation?
            };
            understand(confirmation.await?)
        });
        sent.await.unwrap_or_else(|_| {
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

/// Writes a message; what is answered completes when the broker confirms it.
async fn write(channel: &Channel, parcel: &Parcel) -> Result<lapin::PublisherConfirm, lapin::Error> {
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
