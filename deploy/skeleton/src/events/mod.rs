//! What this service hears: one line per event, then one file.
//!
//! A handler runs in the transaction that notes its event, once for each.

mod erasure_requested;
mod export_requested;

use contracts::export::ExportRequested;
use contracts::gdpr::ErasureRequested;
use outbox::Subscriptions;

use crate::state::State;

/// Every event this service consumes, and what it does then.
pub fn subscriptions() -> Subscriptions<State> {
    Subscriptions::new("skeleton-name")
        .on::<ErasureRequested>(erasure_requested::erasure_requested)
        .on::<ExportRequested>(export_requested::export_requested)
}
