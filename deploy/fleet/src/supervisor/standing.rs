//! What the supervisor says of itself, for `up` and `down` that come later.
//!
//! It holds a lock for as long as it lives, which the kernel takes back from a killed one; the file beside it says
//! which process that is and how far it has come.

use std::fs::{File, OpenOptions, TryLockError};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::place::{Place, replace};
use crate::processes::Alive;

/// How far a supervisor has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Not all serve yet.
    Starting,
    /// The gateway has been healthy.
    Ready,
    /// It was told to end, or could not start.
    Stopping,
}

/// A supervisor and its phase.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Standing {
    /// Its process.
    pub process_id: Alive,
    /// How far it has come.
    pub phase: Phase,
}

impl Standing {
    /// The supervisor that runs, if one does.
    pub fn read(place: &Place) -> Option<Self> {
        let standing: Self = serde_json::from_slice(&std::fs::read(place.supervisor()).ok()?).ok()?;
        standing.process_id.still().then_some(standing)
    }
}

/// The lock, held.
#[derive(Debug)]
pub struct Hold {
    place: Place,
    _lock: File,
}

impl Hold {
    /// Takes the lock; nothing if another supervisor has it.
    pub fn take(place: &Place) -> Result<Option<Self>, Failure> {
        let path = place.lock();
        let opened = OpenOptions::new().create(true).append(true).open(&path);
        let lock = opened.map_err(Failure::io(format!("opening {}", path.display())))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self { place: place.clone(), _lock: lock })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Failure::io(format!("locking {}", path.display()))(error)),
        }
    }

    /// Whether a supervisor has it.
    pub fn is_taken(place: &Place) -> Result<bool, Failure> {
        Ok(Self::take(place)?.is_none())
    }

    /// Says how far this process has come.
    pub fn tell(&self, phase: Phase) -> Result<(), Failure> {
        let Some(process_id) = Alive::of(std::process::id()) else {
            return Failure::say("/proc is not there");
        };
        let text = serde_json::to_string(&Standing { process_id, phase }).unwrap_or_default();
        replace(&self.place.supervisor(), &text)
    }

    /// Takes the files of a fleet away that no longer runs.
    pub fn gone(self, place: &Place) {
        for file in [place.record(), place.supervisor()] {
            // Not there is as good.
            let _ = std::fs::remove_file(file);
        }
    }
}
