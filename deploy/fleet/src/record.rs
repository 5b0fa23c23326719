//! `.fleet/fleet.json`: what runs where, for scripts and tests; replaced whole at every change.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::place::{Place, replace};
use crate::table::{GATEWAY, SERVICES};

/// One process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Where it is reached; a server's with an administrator's credentials.
    pub url: String,
    /// Its own process; nothing for a server that was given from outside.
    pub pid: Option<u32>,
    /// Its log.
    pub log: PathBuf,
}

/// What the file says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Record {
    /// The public door.
    pub gateway: Part,
    /// Every service.
    pub services: BTreeMap<String, Part>,
    /// What stands behind them.
    pub servers: BTreeMap<String, Part>,
    /// Where mail lands as files.
    pub mail_dir: PathBuf,
}

impl Record {
    /// The file of a fleet, where there is one.
    pub fn read(place: &Place) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(place.record()).ok()?).ok()
    }

    /// Every process with its name: the gateway, services, servers.
    pub fn parts(&self) -> Vec<(&str, &Part)> {
        let gateway = std::iter::once((GATEWAY, &self.gateway));
        let others = self.services.iter().chain(&self.servers).map(|(name, part)| (name.as_str(), part));
        gateway.chain(others).collect()
    }
}

/// The file as the supervisor keeps it. Clones share it.
#[derive(Clone, Debug)]
pub struct Board(Arc<Mutex<Shown>>);

#[derive(Debug)]
struct Shown {
    record: Record,
    file: PathBuf,
    /// Whether all is there, and the file stands.
    whole: bool,
}

impl Board {
    /// Nothing yet.
    pub fn new(place: &Place) -> Self {
        let record = Record { mail_dir: place.mail(), ..Record::default() };
        Self(Arc::new(Mutex::new(Shown { record, file: place.record(), whole: false })))
    }

    /// Says where something runs now.
    pub fn put(&self, name: &str, part: Part) -> Result<(), Failure> {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_service = SERVICES.iter().any(|row| row.name == name);
        match name {
            GATEWAY => shown.record.gateway = part,
            _ if is_service => drop(shown.record.services.insert(name.to_owned(), part)),
            _ => drop(shown.record.servers.insert(name.to_owned(), part)),
        }
        shown.write()
    }

    /// From now on the file stands.
    pub fn publish(&self) -> Result<(), Failure> {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shown.whole = true;
        shown.write()
    }

    /// What runs now.
    pub fn record(&self) -> Record {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).record.clone()
    }
}

impl Shown {
    fn write(&self) -> Result<(), Failure> {
        if !self.whole {
            return Ok(());
        }
        let text = serde_json::to_string_pretty(&self.record).unwrap_or_default();
        replace(&self.file, &format!("{text}\n"))
    }
}
