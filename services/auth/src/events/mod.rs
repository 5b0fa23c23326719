//! What this service hears: one line per event. A handler runs once for each, in the transaction that notes it.
//! Start with [`subscriptions`].

pub mod erasure_confirmed;
pub mod export_part_ready;
pub mod export_requested;
pub mod participant_announced;
pub mod profile_updated;

use contracts::export::{ExportPartReady, ExportRequested};
use contracts::gdpr::{ErasureConfirmed, ParticipantAnnounced};
use contracts::users::ProfileUpdated;
use outbox::Subscriptions;

use crate::state::State;

/// Every event this service consumes, and what it does then.
pub fn subscriptions() -> Subscriptions<State> {
    Subscriptions::new("auth")
        .on::<ProfileUpdated>(profile_updated::profile_updated)
        .on::<ParticipantAnnounced>(participant_announced::participant_announced)
        .on::<ErasureConfirmed>(erasure_confirmed::erasure_confirmed)
        .on::<ExportRequested>(export_requested::export_requested)
        .on::<ExportPartReady>(export_part_ready::export_part_ready)
}
