//! The services that the gateway stands before: where they run, and how they were a second ago.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use bus::Bus;
use cache::Redis;
use serde::Deserialize;
use tokio::sync::watch;
use url::Url;

use crate::config::Upstream;
use crate::fetch;
use crate::upstream::{Address, Condition};

/// How often everybody is asked, and how long an answer may take.
const ROUND: Duration = Duration::from_secs(1);
const ANSWER: Duration = Duration::from_millis(800);

/// All services, and what the gateway itself leans on.
pub(crate) struct Fleet {
    services: Vec<Known>,
    redis: Option<Redis>,
    redis_answers: AtomicBool,
    bus: Bus,
}

/// One service.
pub(crate) struct Known {
    pub(crate) name: String,
    instances: Vec<(Address, Condition)>,
    seen: ArcSwap<Seen>,
}

/// What a service last said of itself.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Seen {
    /// `healthy`, `degraded`, `unhealthy`, or empty where it did not answer.
    #[serde(default)]
    pub(crate) status: String,
    /// `connected`, where it has a database that is there.
    #[serde(default)]
    pub(crate) database: Option<String>,
}

impl Fleet {
    pub(crate) fn new(upstreams: &[Upstream], redis: Option<Redis>, bus: Bus) -> Self {
        let services = upstreams.iter().map(|upstream| Known {
            name: upstream.name.clone(),
            instances: upstream.instances.iter().map(|address| (address.clone(), Condition::new())).collect(),
            seen: ArcSwap::default(),
        });
        Self { services: services.collect(), redis_answers: AtomicBool::new(redis.is_some()), redis, bus }
    }

    /// The services in the order of their indices, for a core to connect to.
    pub(crate) fn services(&self) -> impl Iterator<Item = (&str, &[(Address, Condition)])> {
        self.services.iter().map(|known| (known.name.as_str(), known.instances.as_slice()))
    }

    /// What is known of each service.
    pub(crate) fn known(&self) -> &[Known] {
        &self.services
    }

    /// Whether Redis answers; nothing where there is none to ask.
    pub(crate) fn redis_answers(&self) -> Option<bool> {
        self.redis.as_ref().map(|_| self.redis_answers.load(Ordering::Relaxed))
    }

    /// Whether revocations are heard.
    pub(crate) fn broker_connected(&self) -> bool {
        self.bus.connected()
    }

    /// Asks everybody every second, until told to stop.
    pub(crate) async fn watch(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut rounds = tokio::time::interval(ROUND);
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !*stop.borrow() {
            tokio::select! {
                _ = rounds.tick() => self.ask().await,
                told = stop.changed() => if told.is_err() { return },
            }
        }
    }

    async fn ask(self: &Arc<Self>) {
        let mut asked = tokio::task::JoinSet::new();
        for index in 0..self.services.len() {
            let fleet = Arc::clone(self);
            asked.spawn(async move {
                if let Some(known) = fleet.services.get(index) {
                    known.ask().await;
                }
            });
        }
        if let Some(redis) = &self.redis {
            self.redis_answers.store(redis.healthy().await, Ordering::Relaxed);
        }
        asked.join_all().await;
    }
}

impl Known {
    /// What it last said of itself.
    pub(crate) fn seen(&self) -> Arc<Seen> {
        self.seen.load_full()
    }

    /// Where its first instance answers on its internal port.
    pub(crate) fn internal(&self) -> Option<Url> {
        let (address, _) = self.instances.first()?;
        let mut internal = address.url.clone();
        let port = internal.port_or_known_default()?.checked_add(10_000)?;
        internal.set_port(Some(port)).ok()?;
        Some(internal)
    }

    async fn ask(&self) {
        let mut seen = Seen::default();
        for (address, condition) in &self.instances {
            let ready = fetch::get(&address.url, "/health/ready", ANSWER).await;
            condition.set(ready.is_ok_and(|(status, _)| status == 200));
            if seen.status.is_empty()
                && let Ok((_, body)) = fetch::get(&address.url, "/health", ANSWER).await
            {
                seen = serde_json::from_slice(&body).unwrap_or_default();
            }
        }
        self.seen.store(Arc::new(seen));
    }
}
