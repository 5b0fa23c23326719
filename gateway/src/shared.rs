//! What all cores share: configuration, snapshots that are swapped whole, and what the background keeps fresh.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Instant;

use authn::Verifier;
use clock::Clock;
use http::HeaderValue;

use crate::client::Networks;
use crate::config::Config;
use crate::fleet::Fleet;
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
    in_progress: Vec<AtomicI64>,
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
            in_progress: (0..config.workers).map(|_| AtomicI64::new(0)).collect(),
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

    /// Counts the requests that a core works on.
    pub(crate) fn working(&self, core: usize, change: i64) {
        if let Some(count) = self.in_progress.get(core) {
            count.fetch_add(change, Ordering::Relaxed);
        }
    }

    /// How many requests are being worked on.
    pub(crate) fn in_progress(&self) -> i64 {
        self.in_progress.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }
}
