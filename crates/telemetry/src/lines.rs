//! From `tracing` events to log lines.

use std::fmt;
use std::panic::PanicHookInfo;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use settings::Setting;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context as LayerContext, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::line::{self, Line};
use crate::{Entered, Error, sink};

/// How much a line matters. An event of `tracing` with `critical = true` is critical.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// For whoever is looking for something.
    Debug,
    /// What happens every day.
    Info,
    /// It still works, but somebody should look.
    Warning,
    /// Something failed.
    Error,
    /// Somebody has to come.
    Critical,
}

struct Lines;

static ORIGIN: OnceLock<String> = OnceLock::new();
static LEAST: AtomicU8 = AtomicU8::new(Level::Critical as u8 + 1);

/// Crates that talk much at levels that are ours.
const TALKATIVE: &[&str] =
    &["actix_http", "actix_server", "h2", "hyper", "hyper_util", "lapin", "mio", "opentelemetry", "reqwest", "rustls"];

impl Level {
    const ALL: [Self; 5] = [Self::Debug, Self::Info, Self::Warning, Self::Error, Self::Critical];

    /// Its name in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
        }
    }

    /// Whether lines of this level are written.
    pub fn is_on(self) -> bool {
        self as u8 >= LEAST.load(Ordering::Relaxed)
    }

    fn filter(self) -> LevelFilter {
        match self {
            Self::Debug => LevelFilter::DEBUG,
            Self::Info => LevelFilter::INFO,
            Self::Warning => LevelFilter::WARN,
            Self::Error | Self::Critical => LevelFilter::ERROR,
        }
    }

    fn of(level: tracing::Level) -> Self {
        match level {
            tracing::Level::ERROR => Self::Error,
            tracing::Level::WARN => Self::Warning,
            tracing::Level::INFO => Self::Info,
            _ => Self::Debug,
        }
    }
}

impl Setting for Level {
    fn parse(text: &str) -> Result<Self, String> {
        let named = |level: &Self| level.name().eq_ignore_ascii_case(text);
        Self::ALL.into_iter().find(named).ok_or_else(|| "must be DEBUG, INFO, WARNING, ERROR or CRITICAL".into())
    }
    fn absent() -> Self {
        Self::Info
    }
}

/// Makes every event of `tracing` and `log`, and every panic, a line.
pub(crate) fn install(service: &str, version: &str, least: Level) -> Result<(), Error> {
    ORIGIN.set(line::origin(service, version)).map_err(|_| Error::Twice)?;
    LEAST.store(least as u8, Ordering::Relaxed);
    let quiet = least.filter().min(LevelFilter::WARN);
    let targets = Targets::new().with_default(least.filter()).with_targets(TALKATIVE.iter().map(|name| (*name, quiet)));
    tracing_subscriber::registry().with(targets).with(Lines).try_init().map_err(|_| Error::Twice)?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// The fields that every line of this process has after its time and level: `,"service":…,"version":…`.
pub fn origin() -> &'static str {
    ORIGIN.get().map_or("", String::as_str)
}

/// Writes one line of this level, if such lines are written.
pub(crate) fn write(level: Level, fill: impl FnOnce(&mut Line<'_>)) {
    if !level.is_on() {
        return;
    }
    let origin = ORIGIN.get().map_or("", String::as_str);
    line::write(level, origin, fill, |line| sink::send(line, level >= Level::Error));
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: LayerContext<'_, S>) {
        let metadata = event.metadata();
        let mut fields = Critical(false);
        event.record(&mut fields);
        let level = if fields.0 { Level::Critical } else { Level::of(*metadata.level()) };
        write(level, |line| {
            event.record(&mut Fields(line));
            line.word("target", metadata.target());
            Entered::with_current(|entered| line.context(entered));
        });
    }
}

fn log_panic(panic: &PanicHookInfo<'_>) {
    write(Level::Critical, |line| {
        line.text("msg", panic.payload_as_str().unwrap_or("a panic without words"));
        if let Some(place) = panic.location() {
            line.display("panic.at", place);
        }
        Entered::with_current(|entered| line.context(entered));
    });
}

struct Critical(bool);

impl Visit for Critical {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0 |= value && field.name() == "critical";
    }
    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

struct Fields<'l, 'b>(&'l mut Line<'b>);

impl Visit for Fields<'_, '_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.text(name(field), &format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.text(name(field), value);
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.bare(name(field), value);
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.bare(name(field), value);
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.0.bare(name(field), value);
        }
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() != "critical" {
            self.0.bare(name(field), value);
        }
    }
    fn record_error(&mut self, field: &Field, error: &(dyn std::error::Error + 'static)) {
        let mut chain = error.to_string();
        let mut cause = error.source();
        while let Some(deeper) = cause {
            chain.push_str(": ");
            chain.push_str(&deeper.to_string());
            cause = deeper.source();
        }
        self.0.text(name(field), &chain);
    }
}

fn name(field: &Field) -> &'static str {
    if field.name() == "message" { "msg" } else { field.name() }
}
