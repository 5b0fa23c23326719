//! gdpr.erasure.confirmed.v1: a service says what it erased.

use contracts::gdpr::ErasureConfirmed;
use db::Tx;
use outbox::{Halt, Received};

use crate::erasures;
use crate::state::State;

/// Keeps the receipt, if its service signed it; the last one ends the erasure. A forged one rests in the dead letters,
/// for somebody to look at.
pub async fn erasure_confirmed(tx: &mut Tx, state: &State, event: &Received<ErasureConfirmed>) -> Result<(), Halt> {
    // Its own: the erasure knows it already.
    if event.data.service == erasures::own::SERVICE {
        return Ok(());
    }
    gdpr::verify(&state.service_keys, &event.data).map_err(|forged| Halt::Park(forged.to_string()))?;
    Ok(erasures::confirmed(tx, state, &event.data).await?)
}
