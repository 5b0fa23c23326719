//! Every service brings its database and its queues to its version, each in a process of its own.

use tokio::process::Child;
use tokio::task::JoinSet;

use super::unit::{Unit, words};
use crate::failure::Failure;

/// The migrations that run: each ends well, or says whose it was and what it said last.
pub type Migrations = JoinSet<Result<(), (Unit, String)>>;

/// Begins them all, so that what does not need the broker is done while that still starts.
pub fn begin(units: &[Unit]) -> Result<Migrations, Failure> {
    let mut all = JoinSet::new();
    for unit in units {
        let (child, before) = unit.spawn("migrate")?;
        all.spawn(ended(unit.clone(), child, before));
    }
    Ok(all)
}

async fn ended(unit: Unit, mut child: Child, before: u64) -> Result<(), (Unit, String)> {
    match child.wait().await {
        Ok(status) if status.success() => Ok(()),
        status => {
            let words = unit.last_words(&format!("could not migrate, it {}", words(&status)), before);
            Err((unit, words))
        }
    }
}

/// Waits for all. The broker is there by now: whoever had waited too long for it gets a second try.
pub async fn finish(all: Migrations) -> Result<(), Failure> {
    for first in all.join_all().await {
        let Err((unit, _)) = first else { continue };
        let (child, before) = unit.spawn("migrate")?;
        ended(unit, child, before).await.map_err(|(_, words)| Failure::Said(words))?;
    }
    Ok(())
}
