//! Tasks that keep processes running, and end together.

use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;
use tokio::task::JoinSet;

/// The keepers of one kind of process.
#[derive(Debug)]
pub struct Crew {
    stop: watch::Sender<bool>,
    keepers: Mutex<JoinSet<()>>,
}

/// Turns true when a crew is to end.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl Crew {
    /// Nobody yet.
    pub fn new() -> Self {
        Self { stop: watch::Sender::new(false), keepers: Mutex::default() }
    }

    /// Begins a keeper.
    pub fn add<F: Future<Output = ()> + Send + 'static>(&self, keeper: impl FnOnce(Stop) -> F) {
        let keeper = keeper(Stop(self.stop.subscribe()));
        self.keepers.lock().unwrap_or_else(PoisonError::into_inner).spawn(keeper);
    }

    /// Tells all to end what they keep, and waits until they have.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        let keepers = std::mem::take(&mut *self.keepers.lock().unwrap_or_else(PoisonError::into_inner));
        keepers.join_all().await;
    }
}

impl Stop {
    /// Completes when the crew is to end.
    pub async fn asked(&mut self) {
        // A crew that is gone has ended.
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}
