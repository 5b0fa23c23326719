//! gdpr.erasure.requested.v1: somebody is to be forgotten.

use contracts::gdpr::ErasureRequested;
use db::Tx;
use outbox::{Halt, Received};

use crate::entries;
use crate::state::State;

/// Erases all that he wrote, and says so.
pub async fn erasure_requested(tx: &mut Tx, state: &State, event: &Received<ErasureRequested>) -> Result<(), Halt> {
    Ok(gdpr::erase(tx, &state.service_key, &event.data, entries::erase).await?)
}
