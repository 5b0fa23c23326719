//! What happens at `up`, while it runs, and at `down`.
//!
//! Servers start together; as soon as PostgreSQL and Redis are there, every service migrates, its queues waiting for
//! RabbitMQ; only when all have migrated does any serve. What ends is started again at once, then with backoff. Start
//! with [`run`].

mod backoff;
mod crew;
mod fleet;
mod migrations;
mod servers;
pub mod standing;
mod unit;

use settings::Reader;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::Failure;
use crate::place::Place;
use crate::say::{Steps, say};
use fleet::Fleet;
use standing::{Hold, Phase};

#[cfg(test)]
pub use backoff::Backoff;

/// In the foreground, until Ctrl-C.
pub fn run(place: &Place, env: Reader) -> Result<(), Failure> {
    block_on(supervise(place, env, "Ctrl-C stops all."))
}

/// In the background, until `down`: a session of its own, so that no terminal takes it along.
pub fn in_background(place: &Place, env: Reader) -> Result<(), Failure> {
    // It has one already when a shell started it by hand.
    let _ = nix::unistd::setsid();
    block_on(supervise(place, env, "`make down` stops all."))
}

/// Runs a future on a runtime of this thread alone.
pub fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(Failure::io("starting"))?.block_on(work)
}

async fn supervise(place: &Place, env: Reader, how_to_stop: &str) -> Result<(), Failure> {
    place.make()?;
    let Some(hold) = Hold::take(place)? else {
        return Failure::say("it runs already: `make down` first, or `make up` to see where");
    };
    hold.tell(Phase::Starting)?;
    let steps = Steps::begin();
    let mut ends = Ends::listen()?;
    let fleet = Fleet::new(place.clone(), steps);
    let started = tokio::select! {
        started = fleet.start(env) => started,
        () = ends.asked() => Failure::say("it was stopped while it started"),
    };
    if started.is_ok() {
        fleet.board.publish()?;
        say(crate::commands::table(&fleet.board.record()));
        say(format_args!("\nHealthy after {:.1} s: {}/api/docs. {how_to_stop}", steps.took(), place.url("gateway")));
        hold.tell(Phase::Ready)?;
        ends.asked().await;
    }
    hold.tell(Phase::Stopping)?;
    say("stopping");
    fleet.stop().await?;
    hold.gone(place);
    started
}

/// The two signals that ask for an end.
struct Ends {
    terminate: Signal,
    interrupt: Signal,
}

impl Ends {
    fn listen() -> Result<Self, Failure> {
        let listen = |kind| signal(kind).map_err(Failure::io("listening for signals"));
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
