//! A process from its command line to its exit code.

use std::fmt;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clock::Clock;
use settings::{Environment, Reader, Report, Seconds};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::{Definition, Options, Start, document, start};

/// Why a process cannot do what it was begun for. Any error becomes one by `?`.
pub struct Error(Box<dyn std::error::Error + Send + Sync>);

/// `EX_CONFIG` of sysexits.h.
const BAD_CONFIGURATION: u8 = 78;
/// Where internal ports begin.
const INTERNAL_PORTS: u16 = 10_000;

impl Error {
    /// An error in words.
    pub fn say(words: impl Into<String>) -> Self {
        Self(words.into().into())
    }

    /// What to exit with.
    pub fn exit_code(&self) -> ExitCode {
        if self.0.is::<Report>() { ExitCode::from(BAD_CONFIGURATION) } else { ExitCode::FAILURE }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(deeper) = cause {
            write!(f, ": {deeper}")?;
            cause = deeper.source();
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Runs the command that the process was begun with: `serve`, `migrate`, `openapi` or `healthcheck`.
pub fn main(define: fn() -> Definition) -> ExitCode {
    let definition = define();
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next();
    let outcome = match (command.as_deref(), arguments.next()) {
        (Some("serve") | None, None) => serve(definition, Reader::from_process()),
        (Some("migrate"), None) => migrate(definition, Reader::from_process()),
        (Some("openapi"), None) => write_out(&document::openapi(&definition)),
        (Some("healthcheck"), None) => healthcheck(&definition, Reader::from_process()),
        _ => Err(Error::say(format!("usage: {} [serve | migrate | openapi | healthcheck]", definition.name))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nowhere is left to say it if this fails.
            let _ = writeln!(std::io::stderr(), "{}: {error}", definition.name);
            error.exit_code()
        }
    }
}

/// [`run`] on a runtime of its own.
pub fn serve(definition: Definition, env: Reader) -> Result<(), Error> {
    let runtime = runtime()?;
    let outcome = runtime.block_on(run(definition, env));
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}

/// Brings the service's database to this version.
pub fn migrate(definition: Definition, env: Reader) -> Result<(), Error> {
    runtime()?.block_on((definition.migrate)(env))
}

/// One thread, since the requests have threads of their own: it does the input and output of pools and brokers, and who
/// waits for it is on it, so that nothing is handed on.
fn runtime() -> Result<Runtime, Error> {
    Ok(Builder::new_multi_thread().worker_threads(1).max_blocking_threads(8).thread_name("io").enable_all().build()?)
}

/// Serves until the process is told to stop, then ends without dropping a request.
pub async fn run(definition: Definition, mut env: Reader) -> Result<(), Error> {
    let environment = env.environment();
    let telemetry_config = telemetry::Config::read(&mut env);
    let mut options = options(&definition, &mut env);
    let clock = clock(environment, &mut env);
    options.travels = clock.is_some();
    let clock = clock.unwrap_or_else(Clock::system);
    let telemetry = telemetry::init(definition.name, definition.version, &telemetry_config)?;
    options.metrics = Some(telemetry.metrics());
    let outcome = live(definition, env, options, clock).await;
    telemetry.shutdown();
    outcome
}

async fn live(definition: Definition, env: Reader, options: Options, clock: Clock) -> Result<(), Error> {
    let (mut ends, mut interrupts) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (stop, stopped) = watch::channel(false);
    let parts = Start { env, clock: clock.clone(), stop: stopped };
    let service = tokio::select! {
        built = (definition.build)(parts) => built?,
        _ = ends.recv() => return Ok(()),
        _ = interrupts.recv() => return Ok(()),
    };
    let running = start(definition, service, options, clock, stop)?;
    tracing::info!(listen = %running.public, internal = %running.internal, "serving");
    tokio::select! {
        _ = ends.recv() => {}
        _ = interrupts.recv() => {}
    }
    tracing::info!("stopping: no more requests, those begun are finished");
    running.stop().await;
    tracing::info!("stopped");
    Ok(())
}

pub(crate) fn options(definition: &Definition, env: &mut Reader) -> Options {
    let (port, internal) = ports(definition, env);
    let bind = bind(env);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let pool: usize = env.or("DATABASE_POOL", 8);
    Options {
        public: SocketAddr::new(bind, port),
        internal: SocketAddr::new(bind, internal),
        sockets: env.optional("SOCKETS_DIR"),
        workers: env.or("WORKERS", cores).max(1),
        in_flight: env.or("IN_FLIGHT", 4 * pool).max(1),
        drain_wait: env.or("DRAIN_WAIT_SECS", Seconds(5)).into(),
        travels: false,
        metrics: None,
    }
}

fn ports(definition: &Definition, env: &mut Reader) -> (u16, u16) {
    let port: u16 = env.or("PORT", definition.port);
    (port, env.or("INTERNAL_PORT", port.saturating_add(INTERNAL_PORTS)))
}

fn bind(env: &mut Reader) -> IpAddr {
    let text: String = env.or("BIND", "0.0.0.0".to_owned());
    text.parse().unwrap_or_else(|_| {
        env.problem("BIND must be an IP address".into());
        IpAddr::V4(Ipv4Addr::LOCALHOST)
    })
}

/// A clock that can be shifted, where a file for it is named; never where real people's accounts are.
pub(crate) fn clock(environment: Environment, env: &mut Reader) -> Option<Clock> {
    let file: PathBuf = env.optional("CLOCK_FILE")?;
    if environment != Environment::Local {
        env.problem("CLOCK_FILE is for ENVIRONMENT=local alone: time does not travel in production".into());
        return None;
    }
    match Clock::travelling(file) {
        Ok(clock) => Some(clock),
        Err(error) => {
            env.problem(format!("CLOCK_FILE: {error}"));
            None
        }
    }
}

/// Asks the service on this machine whether it is ready, for containers without a shell.
fn healthcheck(definition: &Definition, mut env: Reader) -> Result<(), Error> {
    let (port, _) = ports(definition, &mut env);
    let address = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port);
    let patience = Duration::from_secs(2);
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.write_all(b"GET /health/ready HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    if head == *b"HTTP/1.1 200" { Ok(()) } else { Err(Error::say("it is not ready")) }
}

fn write_out(text: &str) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}
