//! Consuming a service's queue.
//!
//! Messages of one subject are worked off one after the other in the order of their arrival, in one of a few lanes;
//! those of different subjects may overtake each other. At most [`PREFETCH`] are here and unanswered.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::try_join_all;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Consumer};
use tokio::sync::{mpsc, watch};

use crate::lane::{Arrival, Lane};
use crate::link::{Link, answer};
use crate::topology::{dead_queue_of, queue_of};
use crate::{Bus, Error, Handler};

/// Messages here and unanswered.
const PREFETCH: u16 = 20;
/// Subjects worked on at the same time.
const LANES: usize = 4;
/// How often dead letters are counted.
const COUNT_EVERY: Duration = Duration::from_secs(15);

impl Bus {
    /// Works off this service's queue until `stop`, whatever becomes of the connection meanwhile. What is under way
    /// at `stop` is finished; what was not begun goes back.
    pub fn consume<H: Handler>(
        &self,
        handler: H,
        mut stop: watch::Receiver<bool>,
    ) -> impl Future<Output = ()> + Send + use<H> {
        let bus = self.clone();
        async move {
            let handler = Arc::new(handler);
            loop {
                let link = tokio::select! {
                    link = bus.incoming() => link,
                    _ = stop.wait_for(|stop| *stop) => return,
                };
                match session(&bus, &link, &handler, stop.clone()).await {
                    Ok(()) => return,
                    Err(error) => tracing::warn!(%error, "consuming was interrupted"),
                }
                tokio::select! {
                    () = link.sleep_or_gone(Duration::from_secs(1)) => {}
                    _ = stop.wait_for(|stop| *stop) => return,
                }
            }
        }
    }
}

/// Consumes until `stop`, or until the channel or the connection is lost.
async fn session<H: Handler>(
    bus: &Bus,
    link: &Arc<Link>,
    handler: &Arc<H>,
    stop: watch::Receiver<bool>,
) -> Result<(), Error> {
    let queue = queue_of(bus.service());
    let channel = link.channel().await?;
    answer(channel.basic_qos(PREFETCH, BasicQosOptions::default())).await?;
    let (options, none) = (BasicConsumeOptions::default(), FieldTable::default());
    let consumer = answer(channel.basic_consume(queue.as_str().into(), "".into(), options, none)).await?;

    let (senders, lanes): (Vec<_>, Vec<_>) = (0..LANES).map(|_| mpsc::unbounded_channel()).unzip();
    let lane = Lane { bus, link, queue: &queue, handler: &**handler, stop: stop.clone() };
    let work = try_join_all(lanes.into_iter().map(|arrivals| lane.run(arrivals)));
    let (read, counted) = (read(&channel, consumer, senders, stop), count_dead(bus, link));
    let ended = tokio::select! {
        ended = async { tokio::try_join!(read, work) } => ended.map(|_| ()),
        never = counted => match never {},
    };
    // Gives back what was not begun. A channel that is lost has done so.
    let _ = answer(channel.close(200, "done".into())).await;
    ended
}

/// Hands what arrives to the lanes; at `stop` asks for no more and lets them end.
async fn read(
    channel: &Channel,
    mut consumer: Consumer,
    lanes: Vec<mpsc::UnboundedSender<Arrival>>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), Error> {
    loop {
        let delivery = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => break,
            delivery = consumer.next() => delivery,
        };
        let arrival = match delivery {
            Some(delivery) => Arrival::new(delivery?),
            None => return Err(Error::Away("the broker ended the delivery".into())),
        };
        if let Some(lane) = lanes.get(lane_of(&arrival)) {
            lane.send(arrival).map_err(|_| Error::Away("a lane ended".into()))?;
        }
    }
    answer(channel.basic_cancel(consumer.tag(), BasicCancelOptions::default())).await
}

/// Those of one subject always share a lane; what cannot be read has no subject.
fn lane_of(arrival: &Arrival) -> usize {
    let mut hasher = DefaultHasher::new();
    arrival.envelope.as_ref().map(|envelope| (&envelope.source, &envelope.subject)).ok().hash(&mut hasher);
    usize::try_from(hasher.finish() % LANES as u64).unwrap_or(0)
}

/// Shows how many dead letters this service has: any is a reason to look.
async fn count_dead(bus: &Bus, link: &Link) -> std::convert::Infallible {
    let queue = dead_queue_of(bus.service());
    let gauge = metrics::gauge!("queue_dead_total", "queue" => queue.clone());
    loop {
        let counted = async {
            let channel = link.channel().await?;
            let options = QueueDeclareOptions { passive: true, ..Default::default() };
            let dead = answer(channel.queue_declare(queue.as_str().into(), options, FieldTable::default())).await?;
            gauge.set(f64::from(dead.message_count()));
            answer(channel.close(200, "counted".into())).await
        };
        if let Err(error) = counted.await {
            tracing::debug!(%error, "dead letters could not be counted");
        }
        tokio::time::sleep(COUNT_EVERY).await;
    }
}
