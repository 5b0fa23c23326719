//! What this service hears: one line per event, then one file.
//!
//! A handler runs in the transaction that notes its event, once for each; an older contact never comes after a newer.

mod contact_changed;
mod erasure_requested;
mod export_requested;
mod user_registered;

use contracts::auth::{ContactChanged, UserRegistered};
use contracts::export::ExportRequested;
use contracts::gdpr::ErasureRequested;
use outbox::Subscriptions;

use crate::state::State;

/// Every event this service consumes, and what it does then.
pub fn subscriptions() -> Subscriptions<State> {
    Subscriptions::new("users")
        .on::<UserRegistered>(user_registered::user_registered)
        .on::<ContactChanged>(contact_changed::contact_changed)
        .on::<ErasureRequested>(erasure_requested::erasure_requested)
        .on::<ExportRequested>(export_requested::export_requested)
}
