//! Keeping keys and revocations fresh, beside the requests.
//!
//! Revocations are heard on the bus and applied as they come. What might have been missed (at the start, after the
//! connection was lost, after the clock went back) is read from auth whole; while the broker is away auth is asked
//! each second. Keys and revocations that are there stay when auth is away.

use std::time::Duration;

use bus::{Bus, Heard};
use clock::Clock;
use contracts::auth::{KeysRotated, SessionRevoked};
use contracts::{Envelope, Event};
use jiff::Timestamp;
use outbound::Peer;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::schedule::Schedule;
use crate::verifier::SKEW;
use crate::{Background, JwkSet, Keys, Snapshot, Verifier};

const TICK: Duration = Duration::from_secs(1);
const PRUNE_EVERY: u64 = 60;

/// Where keys and revocations are read: auth's internal port, or auth's own database.
pub trait Source: Send + Sync + 'static {
    /// The published keys.
    fn keys(&self) -> impl Future<Output = Result<Keys, String>> + Send;
    /// What is revoked, whole or since a moment.
    fn revocations(&self, since: Option<Timestamp>) -> impl Future<Output = Result<Snapshot, String>> + Send;
}

/// Auth's internal port.
struct Internal(Peer);

impl Source for Internal {
    async fn keys(&self) -> Result<Keys, String> {
        let published: JwkSet = self.0.get("/internal/jwks").send_json().await.map_err(|e| e.to_string())?;
        Keys::of(published).map_err(|e| e.to_string())
    }

    async fn revocations(&self, since: Option<Timestamp>) -> Result<Snapshot, String> {
        let path = since.map_or("/internal/revocations".to_owned(), |at| format!("/internal/revocations?since={at}"));
        self.0.get(&path).send_json().await.map_err(|e| e.to_string())
    }
}

impl Verifier {
    /// Work that keeps keys and revocations fresh from auth until `stop` says so.
    pub fn keep_fresh(&self, bus: Bus, clock: Clock, stop: watch::Receiver<bool>) -> Background {
        match self.0.auth_internal_url.clone() {
            Some(url) => self.keep_fresh_from(Internal(Peer::new("auth", url)), bus, clock, stop),
            None => Box::pin(std::future::ready(())),
        }
    }

    /// The same from another source: auth's own database.
    pub fn keep_fresh_from(
        &self,
        source: impl Source,
        bus: Bus,
        clock: Clock,
        stop: watch::Receiver<bool>,
    ) -> Background {
        let (wish, wishes) = mpsc::unbounded_channel();
        let follower = Follower::new(self.clone(), source, bus.clone(), clock.clone());
        let (verifier, ended) = (self.clone(), stop.clone());
        Box::pin(async move {
            let listening = bus.listen(move |heard| verifier.hear(heard, &clock, &wish), ended);
            tokio::join!(listening, follower.run(wishes, stop));
        })
    }

    /// Applies what the bus says, or wishes for what it only hints at.
    fn hear(&self, heard: Heard, clock: &Clock, wish: &mpsc::UnboundedSender<Wish>) {
        let wished = match heard {
            Heard::Reconnected => Some(Wish::Snapshot),
            Heard::Message(envelope) if envelope.event_type == KeysRotated::TYPE => Some(Wish::Keys),
            Heard::Message(envelope) => {
                self.hear_revocation(&envelope, clock.now());
                None
            }
        };
        if let Some(wished) = wished {
            // Nobody listens any more only when this process ends.
            let _ = wish.send(wished);
        }
    }

    fn hear_revocation(&self, envelope: &Envelope, now: Timestamp) {
        if envelope.event_type != SessionRevoked::TYPE {
            return;
        }
        match envelope.open::<SessionRevoked>() {
            Ok(event) => {
                self.revoke(&event, now);
                let lag = now.duration_since(event.revoked_at).as_secs_f64();
                metrics::gauge!("revocation_lag_seconds").set(lag.max(0.0));
            }
            Err(error) => tracing::error!(event.id = %envelope.id, %error, "a revocation that cannot be read"),
        }
    }
}

enum Wish {
    Keys,
    Snapshot,
}

struct Follower<S> {
    verifier: Verifier,
    source: S,
    bus: Bus,
    clock: Clock,
    keys: Schedule,
    /// The whole snapshot is due.
    snapshot_due: bool,
    as_of: Option<Timestamp>,
    seen: Timestamp,
    ticks: u64,
}

impl<S: Source> Follower<S> {
    fn new(verifier: Verifier, source: S, bus: Bus, clock: Clock) -> Self {
        let seen = clock.now();
        Self {
            verifier,
            source,
            bus,
            clock,
            keys: Schedule::new(Instant::now()),
            snapshot_due: true,
            as_of: None,
            seen,
            ticks: 0,
        }
    }

    async fn run(mut self, mut wishes: mpsc::UnboundedReceiver<Wish>, mut stop: watch::Receiver<bool>) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let verifier = self.verifier.clone();
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                Some(wish) = wishes.recv() => match wish {
                    Wish::Keys => self.keys.changed(Instant::now()),
                    Wish::Snapshot => self.snapshot_due = true,
                },
                () = verifier.0.wanted.notified() => self.keys.unknown(Instant::now()),
                _ = tick.tick() => self.ticks += 1,
            }
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = self.catch_up() => {}
            }
        }
    }

    async fn catch_up(&mut self) {
        if self.keys.is_due(Instant::now()) {
            self.read_keys().await;
        }
        let now = self.clock.now();
        // Revocations forgotten in the future are needed again.
        self.snapshot_due |= self.seen.duration_since(now) > SKEW;
        self.seen = now;
        if self.snapshot_due || !self.bus.connected() {
            self.read_revocations(now).await;
        }
        if self.ticks.is_multiple_of(PRUNE_EVERY) {
            self.verifier.prune(now);
        }
        metrics::gauge!("jwks_age_seconds").set(self.verifier.keys_age().as_secs_f64());
    }

    async fn read_keys(&mut self) {
        let read = self.source.keys().await;
        self.keys.asked(Instant::now(), read.is_ok(), self.verifier.has_keys());
        match read {
            Ok(keys) => self.verifier.set_keys(keys),
            Err(error) => tracing::warn!(%error, "the key set cannot be read; keeping what is there"),
        }
    }

    async fn read_revocations(&mut self, now: Timestamp) {
        let since = if self.snapshot_due { None } else { self.as_of.and_then(|at| at.checked_sub(SKEW).ok()) };
        match self.source.revocations(since).await {
            Ok(snapshot) => {
                self.verifier.take_snapshot(&snapshot, now);
                self.snapshot_due = false;
                self.as_of = Some(snapshot.as_of);
            }
            Err(error) => tracing::warn!(%error, "the revocations cannot be read"),
        }
    }
}
