//! gdpr.participant.announced.v1: a service has to be asked when somebody is erased.

use contracts::gdpr::ParticipantAnnounced;
use db::Tx;
use outbox::{Halt, Received};

use crate::erasures;
use crate::state::State;

/// Keeps its name, if it has a key to sign receipts by.
pub async fn participant_announced(
    tx: &mut Tx,
    state: &State,
    event: &Received<ParticipantAnnounced>,
) -> Result<(), Halt> {
    let service = &event.data.service;
    if !state.service_keys.has(service) && service != erasures::own::SERVICE {
        return Err(Halt::Park(format!("{service} announced itself, and AUTH_SERVICE_KEYS has no key of it")));
    }
    Ok(erasures::announced(tx, service).await?)
}
