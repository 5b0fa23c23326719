//! What every handler, event and job of this service shares.

use authn::ServiceKey;
use clock::Clock;
use db::Db;
use db::page::Cursors;

use crate::likes::Batches;
use crate::quotas::Quotas;

/// Built once; cheap to clone.
#[derive(Clone)]
pub struct State {
    /// The database.
    pub db: Db,
    /// The likes that are made together.
    pub likes: Batches,
    /// The time.
    pub clock: Clock,
    /// Where pages of lists begin.
    pub cursors: Cursors,
    /// How much one account may make.
    pub quotas: Quotas,
    /// What this service signs by.
    pub service_key: ServiceKey,
}
