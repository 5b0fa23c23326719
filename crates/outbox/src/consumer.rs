//! The consumer of a service's queue.

use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, Delivery, Outcome};
use contracts::Envelope;
use db::Db;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::{Background, Halt, Subscriptions, Taken};

/// A database that is busy is asked again this soon, then half as often each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Failures in a row of a database that is well otherwise, after which the event is to blame.
const PATIENCE: u32 = 6;
/// The broker takes a message back that is held for half an hour.
const LONGEST_HOLD: Duration = Duration::from_mins(10);

/// Works off the service's queue until `stop`: each event has its effect once, in the order of its subject.
pub fn consumer<S: Send + Sync + 'static>(
    db: Db,
    bus: Bus,
    subscriptions: Subscriptions<S>,
    state: S,
    stop: watch::Receiver<bool>,
) -> Background {
    let worker = Arc::new(Worker { db, subscriptions, state, stop: stop.clone() });
    let consume = bus.consume(
        move |delivery: Delivery| {
            let worker = worker.clone();
            async move { worker.outcome(&delivery.envelope).await }
        },
        stop,
    );
    Box::pin(consume)
}

struct Worker<S> {
    db: Db,
    subscriptions: Subscriptions<S>,
    state: S,
    stop: watch::Receiver<bool>,
}

impl<S: Send + Sync + 'static> Worker<S> {
    /// What becomes of an event. A database that is away costs it nothing: it waits here, then is put off.
    async fn outcome(&self, event: &Envelope) -> Outcome {
        let (begun, mut pause, mut failures) = (Instant::now(), FIRST_PAUSE, 0);
        let mut stop = self.stop.clone();
        loop {
            let reason = match self.subscriptions.take_in(&self.db, &self.state, event).await {
                Ok(taken) => {
                    count(taken);
                    return Outcome::Done;
                }
                Err(Halt::Retry(reason)) => return Outcome::Retry(reason),
                Err(Halt::Park(reason)) => return Outcome::Park(reason),
                Err(Halt::Busy(reason)) => reason,
            };
            if self.db.healthy().await {
                failures += 1;
            } else {
                failures = 0;
            }
            if failures == PATIENCE {
                return Outcome::Retry(reason);
            }
            if begun.elapsed() > LONGEST_HOLD {
                return Outcome::Later(reason);
            }
            tokio::select! {
                () = sleep(pause) => {}
                _ = stop.wait_for(|stop| *stop) => return Outcome::Later(reason),
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

fn count(taken: Taken) {
    let taken = match taken {
        Taken::Now => "now",
        Taken::Before => "before",
        Taken::Outdated => "outdated",
    };
    metrics::counter!("inbox_taken_total", "taken" => taken).increment(1);
}
