//! What this service hears: one line per event. A handler runs once for each, in the transaction that notes it.
//! Start with [`subscriptions`].

pub mod erasure_confirmed;
pub mod participant_announced;
pub mod profile_updated;

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
}
