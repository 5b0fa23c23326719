//! Publishing: done when the broker has confirmed it, and only then.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, MaybeDone, maybe_done};
use lapin::options::BasicPublishOptions;
use lapin::{Channel, Confirmation};
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
        let answers = match self.out().await {
            Ok(link) => link.publish(&batch, Message::parcel).await,
            Err(error) => batch.iter().map(|_| Err(error.clone())).collect(),
        };
        count(&answers);
        answers
    }

    /// Publishes one message.
    ///
    /// # Errors
    /// [`Error::Away`] when any message would have failed, [`Error::Refused`] when this one did.
    pub async fn publish_one(&self, message: Message) -> Result<(), Error> {
        told(self.publish(vec![message]).await.pop())
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
    pub(crate) async fn insist(&self, parcel: &Parcel<'_>, until: impl Future<Output = ()>) -> Result<(), Error> {
        let sent = async {
            loop {
                let link = self.outgoing().up().await;
                match told(link.publish(&[parcel], |parcel| Ok((*parcel).clone())).await.pop()) {
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
    /// Writes what each of the batch is as a parcel, in this order, to the channel that all share, and waits for the broker's
    /// word on each.
    async fn publish<'m, M>(
        &self,
        batch: &'m [M],
        parcel: impl Fn(&'m M) -> Result<Parcel<'m>, Error>,
    ) -> Vec<Result<(), Error>> {
        let until = Instant::now() + CONFIRM_WITHIN;
        let under_way = match self.by(until, self.begin(batch.iter().map(&parcel))).await {
            Ok(under_way) => under_way,
            Err(error) => return batch.iter().map(|_| Err(error.clone())).collect(),
        };
        // From the last to the first: what is not asked for yet wakes nobody when it is there, and all are when the last is.
        let mut sent = Vec::with_capacity(batch.len());
        for (message, sending) in batch.iter().zip(under_way).rev() {
            sent.push(match self.finish(sending, until).await {
                // The broker closes a channel for one message, and with it whatever else was under way there: so this may
                // be another's fault. On a channel of its own it can only be its own.
                Err(Error::Refused(_)) if self.is_up() => self.alone(parcel(message)).await,
                sent => sent,
            });
        }
        sent.reverse();
        sent
    }

    /// Begins all before it waits for any: the library's thread then finds them together and writes them at once, where
    /// each would wake it, and it whoever waits, if they came one behind the other.
    async fn begin<'m>(
        &self,
        parcels: impl Iterator<Item = Result<Parcel<'m>, Error>>,
    ) -> Result<Vec<Sending<'m>>, Error> {
        if self.is_blocked() {
            return Err(Error::Away("it takes no messages, for want of memory or disk".into()));
        }
        let mut publisher = self.publisher.lock().await;
        let channel = match publisher.take() {
            Some(channel) if channel.status().connected() => channel,
            _ => Arc::new(self.confirming().await?),
        };
        let mut under_way: Vec<_> = parcels.map(|parcel| sending(Arc::clone(&channel), parcel)).collect();
        *publisher = Some(channel);
        for sending in &mut under_way {
            // The first poll numbers a message and queues it. Nobody waits for it yet: who does will poll it again.
            let _queued = sending.poll_unpin(&mut Context::from_waker(Waker::noop()));
        }
        Ok(under_way)
    }

    /// Waits for the broker's word, until a moment that a whole batch shares.
    async fn finish(&self, mut sending: Sending<'_>, until: Instant) -> Result<(), Error> {
        let answer = async {
            (&mut sending).await;
            told(Pin::new(&mut sending).take_output())
        };
        self.by(until, answer).await
    }

    /// Publishes on a channel of its own.
    async fn alone(&self, parcel: Result<Parcel<'_>, Error>) -> Result<(), Error> {
        let (parcel, channel) = (parcel?, self.confirming().await?);
        let sent = within(CONFIRM_WITHIN, write(&channel, parcel)).await.and_then(understand);
        // A channel that the broker closed cannot be closed again.
        let _ = within(Duration::from_secs(1), channel.close(200, "done".into())).await;
        sent
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

fn count(answers: &[Result<(), Error>]) {
    let outcome = |answer: &Result<(), Error>| match answer {
        Ok(()) => "confirmed",
        Err(Error::Away(_)) => "away",
        Err(Error::Refused(_)) => "refused",
    };
    for alike in answers.chunk_by(|one, next| outcome(one) == outcome(next)) {
        let outcome = alike.first().map_or("", outcome);
        metrics::counter!("bus_published_total", "outcome" => outcome).increment(alike.len() as u64);
    }
}

/// A message on its way, until the broker's word on it is there.
type Sending<'m> = MaybeDone<BoxFuture<'m, Result<(), Error>>>;

fn sending(channel: Arc<Channel>, parcel: Result<Parcel<'_>, Error>) -> Sending<'_> {
    maybe_done(async move { understand(write(&channel, parcel?).await?) }.boxed())
}

/// Writes a message, which the first poll queues, and waits until the broker confirms it.
async fn write(channel: &Channel, parcel: Parcel<'_>) -> Result<Confirmation, lapin::Error> {
    let options = BasicPublishOptions { mandatory: parcel.mandatory, ..Default::default() };
    let (exchange, key) = (parcel.exchange.into(), parcel.key.into());
    channel.basic_publish(exchange, key, options, parcel.body, parcel.properties).await?.await
}

/// What is said of a message; of one of which nothing is, nobody knows what became.
fn told(answer: Option<Result<(), Error>>) -> Result<(), Error> {
    answer.unwrap_or_else(|| Err(Error::Away("no word of it".into())))
}

fn understand(confirmation: Confirmation) -> Result<(), Error> {
    match confirmation {
        Confirmation::Ack(None) => Ok(()),
        Confirmation::Ack(Some(_)) => Err(Error::Refused("no queue is bound to it".into())),
        Confirmation::Nack(_) => Err(Error::Refused("a queue did not take it".into())),
        Confirmation::NotRequested => Err(Error::Away("confirmations are off".into())),
    }
}
