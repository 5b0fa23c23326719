//! From configuration to a gateway that serves, and back to nothing.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use authn::Verifier;
use bus::Bus;
use cache::Redis;
use clock::Clock;
use limits::Limiter;
use settings::Reader;
use telemetry::Metrics;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::Config;
use crate::fetch;
use crate::fleet::Fleet;
use crate::internal::{self, Internal};
use crate::pages::openapi::Described;
use crate::serving;
use crate::shared::{Parts, Shared};
use crate::table::reload::Live;

const NAME: &str = "gateway";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Why the gateway does not serve.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something in the environment is missing or wrong.
    #[error(transparent)]
    Settings(#[from] settings::Report),
    /// The clock file cannot be read.
    #[error("{0}")]
    Clock(String),
    /// Logs cannot be set up.
    #[error(transparent)]
    Telemetry(#[from] telemetry::Error),
    /// The route table has a mistake.
    #[error("the route table has a mistake: {0}")]
    Table(String),
    /// `REDIS_URL` names no server.
    #[error(transparent)]
    Redis(#[from] cache::BadUrl),
    /// A port is taken, or a thread cannot be started.
    #[error("cannot serve: {0}")]
    Io(#[from] io::Error),
}

/// A gateway that serves.
pub struct Running {
    address: SocketAddr,
    internal_address: SocketAddr,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    background: JoinSet<()>,
    cores: Vec<JoinHandle<io::Result<()>>>,
}

/// Serves until SIGTERM or Ctrl-C, then drains. To be called once per process, on a multi-thread runtime.
pub async fn run(env: Reader) -> Result<(), Error> {
    let config = env.load(Config::read)?;
    let telemetry = telemetry::init(NAME, VERSION, &config.telemetry)?;
    let ended = async {
        let drain_wait = config.drain_wait;
        let running = begin(config, Some(telemetry.metrics())).await?;
        tracing::info!(address = %running.address(), "serving");
        told_to_stop().await?;
        tracing::info!("told to stop");
        running.stop(drain_wait).await;
        Ok(())
    };
    let ended = ended.await;
    telemetry.shutdown();
    ended
}

/// Starts a gateway beside whatever else this process does.
pub async fn start(env: Reader) -> Result<Running, Error> {
    begin(env.load(Config::read)?, None).await
}

/// Whether the gateway on this machine is ready.
pub async fn healthcheck(env: Reader) -> Result<(), Error> {
    let port: u16 = env.load(|env| env.or("PORT", 8080))?;
    let asked = fetch::ready_at(port).await?;
    if asked { Ok(()) } else { Err(Error::Io(io::Error::other("not ready"))) }
}

async fn begin(config: Config, metrics: Option<Metrics>) -> Result<Running, Error> {
    let clock = match &config.clock_file {
        Some(file) => Clock::travelling(file.clone()).map_err(|e| Error::Clock(e.to_string()))?,
        None => Clock::system(),
    };
    let redis = config.redis_url.as_ref().map(Redis::open).transpose()?;
    let bus = Bus::new(config.amqp_url.clone(), NAME);
    let names = config.upstreams.iter().map(|upstream| upstream.name.clone()).collect();
    let parts = Parts {
        limiter: Limiter::new(redis.clone(), clock.clone()),
        verifier: Verifier::new(config.authn.clone()),
        routes: Arc::new(Live::open(config.routes_file.clone(), names).map_err(|e| Error::Table(e.to_string()))?),
        fleet: Arc::new(Fleet::new(&config.upstreams, redis, bus.clone())),
        clock,
    };
    let (stop, stopped) = watch::channel(false);
    let mut background = JoinSet::new();
    background.spawn(parts.verifier.keep_fresh(bus, parts.clock.clone(), stopped.clone()));
    background.spawn(parts.limiter.reconcile(stopped.clone()));
    background.spawn(Arc::clone(&parts.routes).watch(stopped.clone()));
    background.spawn(Arc::clone(&parts.fleet).watch(stopped.clone()));
    let (port, internal_port, workers) = (config.port, config.internal_port, config.workers);
    let bind = config.bind;
    let shared = Arc::new(Shared::new(config, parts));
    background.spawn(Described::watch(Arc::clone(&shared), stopped.clone()));

    let inside = TcpListener::bind((bind, internal_port)).await?;
    let internal_address = inside.local_addr()?;
    let internal = Arc::new(Internal { shared: Arc::clone(&shared), metrics });
    background.spawn(internal::serve(internal, inside, stopped.clone()));
    let first = serving::listener((bind, port).into())?;
    let address = first.local_addr()?;
    let mut listeners = vec![first];
    for _ in 1..workers {
        listeners.push(serving::listener(address)?);
    }
    let cores = listeners.into_iter().enumerate().map(|(index, listener)| {
        let (shared, stopped) = (Arc::clone(&shared), stopped.clone());
        let thread = std::thread::Builder::new().name(format!("core-{index}"));
        thread.spawn(move || serving::serve(index, shared, listener, stopped))
    });
    let cores = cores.collect::<io::Result<_>>()?;
    Ok(Running { address, internal_address, shared, stop, background, cores })
}

impl Running {
    /// Where clients come.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where `/metrics` and `/internal` are.
    pub fn internal_address(&self) -> SocketAddr {
        self.internal_address
    }

    /// Says that it is not ready, goes on for `wait`, then ends when what is in flight is answered.
    pub async fn stop(mut self, wait: Duration) {
        self.shared.drain();
        tokio::time::sleep(wait).await;
        // The cores and the background listen for as long as they run.
        let _ = self.stop.send(true);
        let cores = std::mem::take(&mut self.cores);
        let ended = tokio::task::spawn_blocking(move || cores.into_iter().map(JoinHandle::join).collect::<Vec<_>>());
        for core in ended.await.unwrap_or_default() {
            if !matches!(core, Ok(Ok(()))) {
                tracing::error!("a core ended badly");
            }
        }
        self.background.shutdown().await;
    }
}

async fn told_to_stop() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
