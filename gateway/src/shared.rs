//! What all cores share: configuration, snapshots that are swapped whole, and what the background keeps fresh.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use authn::Verifier;
use clock::Clock;
use http::HeaderValue;
use jiff::Timestamp;

use crate::client::Networks;
use crate::config::Config;
use crate::fleet::Fleet;
use crate::ledger::Working;
use crate::pages::openapi::Described;
use crate::phases::{Hosts, Quotas};
use crate::table::reload::Live;

/// Everything that outlives a core.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) verifier: Verifier,
    pub(crate) quotas: Quotas,
    pub(crate) hosts: Hosts,
    pub(crate) origins: Vec<HeaderValue>,
    pub(crate) networks: Networks,
    pub(crate) routes: Arc<Live>,
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) described: Described,
    pub(crate) started: Instant,
    draining: AtomicBool,
    /// How many requests each core works on.
    pub(crate) working: Vec<Working>,
}

/// What [`Shared`] is made of beside the configuration.
pub(crate) struct Parts {
    pub(crate) clock: Clock,
    pub(crate) verifier: Verifier,
    pub(crate) limiter: limits::Limiter,
    pub(crate) routes: Arc<Live>,
    pub(crate) fleet: Arc<Fleet>,
}

impl Shared {
    pub(crate) fn new(config: Config, parts: Parts) -> Self {
        let Parts { clock, verifier, limiter, routes, fleet } = parts;
        Self {
            quotas: Quotas::new(limiter, &config.policies),
            hosts: Hosts::new(&config.allowed_hosts),
            origins: config.cors_origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect(),
            networks: Networks { proxies: config.trusted_proxies.clone(), exempt: config.exempt_networks.clone() },
            working: (0..config.workers).map(|_| Working::default()).collect(),
            described: Described::default(),
            started: Instant::now(),
            draining: AtomicBool::new(false),
            config,
            clock,
            verifier,
            routes,
            fleet,
        }
    }

    /// Whether it was told to stop: new clients are to go elsewhere.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// How many requests are being worked on.
    pub(crate) fn in_progress(&self) -> i64 {
        self.working.iter().map(Working::count).sum()
    }

    /// The time of this machine, whatever the fleet believes.
    pub(crate) fn machine_now(&self) -> Timestamp {
        self.machine_time(self.clock.now(), Duration::ZERO)
    }

    /// The time of this machine so long after a time of the fleet: log lines and `Date` say it.
    pub(crate) fn machine_time(&self, fleet: Timestamp, later: Duration) -> Timestamp {
        let shift = self.clock.shift().as_micros();
        let micros = fleet.as_microsecond() - shift + i64::try_from(later.as_micros()).unwrap_or(0);
        Timestamp::from_microsecond(micros).unwrap_or(fleet)
    }
}
