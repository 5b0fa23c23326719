//! One at a time for what concerns one token, link or account, in this process.
//!
//! The database would let them wait for each other just as well, each with one of its few connections in hand; here
//! they wait with nothing. Between processes the database's locks decide.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard};

/// Few enough to cost nothing, many enough that two seldom share one by chance.
const LANES: usize = 256;

/// Lanes, each for one at a time. Clones share them.
#[derive(Clone)]
pub struct Turns(Arc<Vec<Mutex<()>>>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new((0..LANES).map(|_| Mutex::default()).collect()))
    }
}

impl Turns {
    /// A turn for what concerns `what`, until it is dropped.
    pub async fn of(&self, what: &impl Hash) -> Option<MutexGuard<'_, ()>> {
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        let lane = usize::try_from(hasher.finish() % LANES as u64).unwrap_or(0);
        Some(self.0.get(lane)?.lock().await)
    }
}
