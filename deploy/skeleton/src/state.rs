//! What every handler, event and job of this service shares.

use authn::ServiceKey;
use clock::Clock;
use db::Db;

/// Built once; cheap to clone.
#[derive(Clone)]
pub struct State {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// What this service signs by.
    pub service_key: ServiceKey,
}
