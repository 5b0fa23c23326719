//! From the outbox to the broker.
//!
//! One relay per database leads ([`leader::Leader`]); the others stand by and ask again each second. It publishes in
//! [`round`]s without holding a transaction, marks what the broker confirmed, and so repeats itself if it dies in
//! between: consumers know what they had. A broker that is away is waited for; an event that the broker refuses is
//! tried again after 1 s to 5 min for ever, and those after it of the same aggregate wait.

mod horizon;
mod leader;
mod queries;
mod round;

#[cfg(test)]
mod tests;

use std::time::Duration;

use bus::Bus;
use clock::Clock;
use db::{Connection, Db};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use crate::{Background, prune};
use horizon::Horizon;
use leader::Leader;
use round::Round;

/// How often there is a look without having been woken.
const POLL: Duration = Duration::from_secs(1);
/// Writers are under way that will not wake a relay that is awake: so soon is the next look.
const AWAKE: Duration = Duration::from_millis(10);
/// A round of more events than this says that others are on their way;
const FEW: usize = 3;
/// and so long they are gathered, since a round for each would cost several times as much.
const GATHER: Duration = Duration::from_millis(40);
/// How long a relay that has ended may seem to lead.
const HANDED_OVER: Duration = Duration::from_millis(500);
/// How often there is a look at what was done.
const MEASURE_EVERY: Duration = Duration::from_millis(250);
/// How often old rows are looked for.
const PRUNE_EVERY: Duration = Duration::from_secs(60);

/// Publishes what was emitted until `stop`.
pub fn relay(db: Db, bus: Bus, clock: Clock, mut stop: watch::Receiver<bool>) -> Background {
    Box::pin(async move {
        let relay = Relay { db, bus, clock };
        loop {
            tokio::select! {
                ended = relay.serve() => if let Err(error) = ended {
                    tracing::warn!(%error, "the relay begins again");
                },
                _ = stop.wait_for(|stop| *stop) => return,
            }
            tokio::select! {
                () = sleep(POLL) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    })
}

/// Publishes what waits now, for at most `within`, unless another relay does, and closes the bus: for the end of a
/// process, after its own relay has stopped. Answers whether nothing is left.
pub async fn flush(db: &Db, bus: &Bus, within: Duration) -> bool {
    let relay = Relay { db: db.clone(), bus: bus.clone(), clock: db.clock().clone() };
    let emptied = timeout(within, relay.empty()).await;
    bus.close().await;
    match emptied {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!(%error, "the outbox was not emptied");
            false
        }
        Err(_) => {
            tracing::warn!("the outbox was not emptied in time; the next process goes on");
            false
        }
    }
}

struct Relay {
    db: Db,
    bus: Bus,
    clock: Clock,
}

impl Relay {
    /// Leads once nobody else does, for as long as the connection lasts.
    async fn serve(&self) -> db::Result<()> {
        let mut leader = Leader::elected(&self.db, POLL).await?;
        tracing::debug!("this relay leads");
        let mut house = House::default();
        loop {
            let round = round::round(leader.conn(), &self.bus, &self.clock, &mut house.horizon).await?;
            house.keep(leader.conn(), &self.clock).await?;
            match round {
                Round::Published(events) => {
                    leader.wake().await?;
                    if events > FEW && events < queries::BATCH {
                        sleep(GATHER).await;
                    }
                }
                Round::Away => {
                    leader.wake().await?;
                    sleep(Duration::from_millis(200)).await;
                    // The look at what waits goes on meanwhile.
                    let _ = timeout(POLL, self.bus.until_connected()).await;
                }
                Round::Nothing if leader.is_asleep() => leader.notified(POLL).await?,
                // What was committed before this relay lay down did not wake it: one more look.
                Round::Nothing => {
                    if !leader.lie_down().await? {
                        sleep(AWAKE).await;
                    }
                }
            }
        }
    }

    async fn empty(&self) -> db::Result<()> {
        // The server takes a moment to notice that the relay of this process is gone. After that it is another's.
        let Ok(elected) = timeout(HANDED_OVER, Leader::elected(&self.db, AWAKE)).await else { return Ok(()) };
        let (mut leader, mut horizon) = (elected?, Horizon::default());
        loop {
            match round::round(leader.conn(), &self.bus, &self.clock, &mut horizon).await? {
                Round::Nothing => return Ok(()),
                Round::Published(_) => {}
                Round::Away => self.bus.until_connected().await,
            }
        }
    }
}

/// What a leader does beside publishing.
#[derive(Default)]
struct House {
    horizon: Horizon,
    measured: Option<Instant>,
    pruned: Option<Instant>,
}

impl House {
    /// Shows how old the oldest event is and moves the horizon on, four times a second; forgets old rows, each minute
    /// and until none is left.
    async fn keep(&mut self, conn: &mut Connection, clock: &Clock) -> db::Result<()> {
        let due = |last: Option<Instant>, every| last.is_none_or(|at: Instant| at.elapsed() >= every);
        if due(self.measured, MEASURE_EVERY) {
            let (snapshot, since) = queries::snapshot(conn, self.horizon.low()).await?;
            let waits = since.map_or(0.0, |at| clock.now().duration_since(at).as_secs_f64().max(0.0));
            metrics::gauge!("outbox_oldest_seconds").set(waits);
            self.horizon.advance(snapshot);
            self.measured = Some(Instant::now());
        }
        if due(self.pruned, PRUNE_EVERY) {
            match prune::prune(conn, clock.now()).await {
                Ok(true) => {}
                Ok(false) => self.pruned = Some(Instant::now()),
                Err(error) => {
                    tracing::warn!(%error, "old rows stay for another minute");
                    self.pruned = Some(Instant::now());
                }
            }
        }
        Ok(())
    }
}
