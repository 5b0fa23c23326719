//! The table that is in force, and how it is replaced.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::{BadTable, EMBEDDED, Table};

/// How often the file is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// The table in force. Replaced whole; each core notices by the version.
pub(crate) struct Live {
    table: ArcSwap<Table>,
    version: AtomicU64,
    file: Option<PathBuf>,
    services: Vec<String>,
}

impl Live {
    /// The table of `file`, or the embedded one, for these services.
    pub(crate) fn open(file: Option<PathBuf>, services: Vec<String>) -> Result<Self, BadTable> {
        let table = ArcSwap::from_pointee(read(file.as_ref(), &services)?);
        Ok(Self { table, version: AtomicU64::new(1), file, services })
    }

    /// The table in force.
    pub(crate) fn table(&self) -> Arc<Table> {
        self.table.load_full()
    }

    /// Grows with each replacement.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Reads the file again. A table with a mistake changes nothing.
    pub(crate) fn reload(&self) -> Result<(), BadTable> {
        let table = read(self.file.as_ref(), &self.services)?;
        self.table.store(Arc::new(table));
        self.version.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// Reads the file again whenever it changes or SIGHUP comes, until told to stop.
    pub(crate) async fn watch(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
        let mut looks = tokio::time::interval(LOOK);
        let mut seen = self.changed_at();
        while !*stop.borrow() {
            let asked = tokio::select! {
                _ = looks.tick() => false,
                _ = hangup.recv() => true,
                told = stop.changed() => if told.is_err() { return } else { continue },
            };
            let changed_at = self.changed_at();
            if !asked && (changed_at == seen || changed_at.is_none()) {
                continue;
            }
            seen = changed_at;
            match self.reload() {
                Ok(()) => tracing::info!(routes = self.table().routes().len(), "the route table was read again"),
                Err(error) => tracing::error!(%error, "the route table has a mistake; the old one stays"),
            }
        }
    }

    fn changed_at(&self) -> Option<SystemTime> {
        std::fs::metadata(self.file.as_ref()?).and_then(|file| file.modified()).ok()
    }
}

fn read(file: Option<&PathBuf>, services: &[String]) -> Result<Table, BadTable> {
    let services: Vec<&str> = services.iter().map(String::as_str).collect();
    Table::parse(&text(file)?, &services)
}

/// The text of the table: the file's, or the embedded one.
pub(crate) fn text(file: Option<&PathBuf>) -> Result<String, BadTable> {
    match file {
        Some(file) => std::fs::read_to_string(file).map_err(|e| BadTable(format!("{}: {e}", file.display()))),
        None => Ok(EMBEDDED.to_owned()),
    }
}
