//! Listening to revocations: every process hears each one, while it is connected.

use std::time::Duration;

use contracts::{Envelope, Exchange};
use futures_util::StreamExt;
use lapin::options::{BasicConsumeOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use tokio::sync::watch;

use crate::link::{Link, answer};
use crate::{Bus, Error, topology};

/// What a listener hears.
#[derive(Clone, Debug)]
pub enum Heard {
    /// From here on everything is heard; what was said before may have been missed. The first thing of all.
    Reconnected,
    /// A message.
    Message(Box<Envelope>),
}

impl Bus {
    /// Listens to the exchange `revocations` by a queue of this process's own, until `stop`.
    pub fn listen<F>(&self, on: F, mut stop: watch::Receiver<bool>) -> impl Future<Output = ()> + Send + use<F>
    where
        F: Fn(Heard) + Send + Sync,
    {
        let bus = self.clone();
        async move {
            loop {
                let heard = async {
                    let link = bus.incoming().await;
                    let ended = hear(&link, &on).await;
                    link.sleep_or_gone(Duration::from_millis(500)).await;
                    ended
                };
                tokio::select! {
                    ended = heard => if let Err(error) = ended {
                        tracing::warn!(%error, "revocations are not heard for a moment");
                    },
                    _ = stop.wait_for(|stop| *stop) => return,
                }
            }
        }
    }
}

async fn hear(link: &Link, on: &(impl Fn(Heard) + Send + Sync)) -> Result<(), Error> {
    let channel = link.channel().await?;
    topology::declare_revocations(&channel).await?;
    // Exclusive queues are classic ones, also where a host's default is another.
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("classic".into()));
    let options = QueueDeclareOptions { exclusive: true, auto_delete: true, ..Default::default() };
    let queue = answer(channel.queue_declare("".into(), options, arguments)).await?;
    let (name, none) = (queue.name().clone(), FieldTable::default);
    let exchange = Exchange::Revocations.name();
    answer(channel.queue_bind(name.clone(), exchange.into(), "".into(), QueueBindOptions::default(), none())).await?;
    let options = BasicConsumeOptions { no_ack: true, exclusive: true, ..Default::default() };
    let mut deliveries = answer(channel.basic_consume(name, "".into(), options, none())).await?;
    on(Heard::Reconnected);
    while let Some(delivery) = deliveries.next().await {
        match serde_json::from_slice(&delivery?.data) {
            Ok(envelope) => on(Heard::Message(Box::new(envelope))),
            Err(error) => tracing::error!(%error, "a revocation that is not an envelope"),
        }
    }
    Err(Error::Away("the broker ended the delivery".into()))
}
