//! What this service hears: one line per event, then one file.
//!
//! A handler runs in the transaction that notes its event, once for each; an older profile never comes after a newer.

mod erasure_requested;
mod export_requested;
mod profile_updated;

use contracts::export::ExportRequested;
use contracts::gdpr::ErasureRequested;
use contracts::users::ProfileUpdated;
use outbox::Subscriptions;

use crate::state::State;

/// Every event this service consumes, and what it does then.
pub fn subscriptions() -> Subscriptions<State> {
    Subscriptions::new("posts")
        .on::<ProfileUpdated>(profile_updated::profile_updated)
        .on::<ErasureRequested>(erasure_requested::erasure_requested)
        .on::<ExportRequested>(export_requested::export_requested)
}
