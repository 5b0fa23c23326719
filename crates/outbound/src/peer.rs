//! A peer and its shared state.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::{Client, Method};
use tokio::time::Instant;
use url::Url;

use crate::breaker::{Breaker, Permit};
use crate::budget::Budget;
use crate::{Call, Error};

/// Another service that configuration names. Clones share its connections, breaker and retry budget.
#[derive(Clone)]
pub struct Peer(Arc<Shared>);

struct Shared {
    name: &'static str,
    base: Url,
    client: Result<Client, String>,
    born: Instant,
    health: Mutex<Health>,
}

#[derive(Default)]
struct Health {
    breaker: Breaker,
    budget: Budget,
}

impl Peer {
    /// The service `name` at `base`.
    pub fn new(name: &'static str, base: Url) -> Self {
        let client = client(&base).map_err(|e| e.to_string());
        Self(Arc::new(Shared { name, base, client, born: Instant::now(), health: Mutex::default() }))
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// Reads `path`, with its query if it has one.
    pub fn get(&self, path: &str) -> Call {
        Call::new(self.clone(), Method::GET, path)
    }

    /// Posts to `path`.
    pub fn post(&self, path: &str) -> Call {
        Call::new(self.clone(), Method::POST, path)
    }

    /// Puts at `path`.
    pub fn put(&self, path: &str) -> Call {
        Call::new(self.clone(), Method::PUT, path)
    }

    /// Patches `path`.
    pub fn patch(&self, path: &str) -> Call {
        Call::new(self.clone(), Method::PATCH, path)
    }

    /// Deletes `path`.
    pub fn delete(&self, path: &str) -> Call {
        Call::new(self.clone(), Method::DELETE, path)
    }

    pub(crate) fn client(&self) -> Result<&Client, Error> {
        self.0.client.as_ref().map_err(|why| Error::Unreachable(why.clone()))
    }

    /// The address of `path`, which never leaves this peer.
    pub(crate) fn address(&self, path: &str) -> Result<Url, Error> {
        let base = self.0.base.as_str().trim_end_matches('/');
        let address = format!("{base}/{}", path.trim_start_matches('/'));
        Url::parse(&address).map_err(|e| Error::Malformed(format!("{address}: {e}")))
    }

    pub(crate) fn admit(&self) -> Result<Admitted, Error> {
        let mut health = self.health();
        let permit = health.breaker.admit(self.0.born.elapsed());
        let permit = permit.ok_or(Error::Open)?;
        health.budget.deposit();
        Ok(Admitted { peer: self.clone(), permit, since: Instant::now(), ended: false })
    }

    pub(crate) fn may_retry(&self) -> bool {
        self.health().budget.withdraw()
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.0.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call on its way, which the breaker waits for.
pub(crate) struct Admitted {
    peer: Peer,
    permit: Permit,
    since: Instant,
    ended: bool,
}

impl Admitted {
    /// The call ended, `well` if the peer did its part.
    pub(crate) fn ended(mut self, well: bool) {
        self.ended = true;
        let well = well && self.since.elapsed() < crate::breaker::SLOW;
        let mut health = self.peer.health();
        health.breaker.done(self.peer.0.born.elapsed(), self.permit, well);
        metrics::gauge!("outbound_breaker", "peer" => self.peer.name()).set(f64::from(health.breaker.level()));
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        if !self.ended {
            self.peer.health().breaker.dropped(self.permit);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this crate is the owner of HTTP clients")]
fn client(base: &Url) -> Result<Client, reqwest::Error> {
    let builder = Client::builder()
        .http1_only()
        .no_proxy()
        .no_gzip()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .tcp_nodelay(true)
        .pool_idle_timeout(Duration::from_secs(30))
        .connect_timeout(Duration::from_millis(300));
    // A plain peer needs no certificates, and they weigh some megabytes in each process.
    if base.scheme() == "http" { builder.tls_certs_only([]).build() } else { builder.build() }
}
