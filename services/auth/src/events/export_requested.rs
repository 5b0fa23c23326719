//! Somebody wants all that is held about him: this service sends its part, as the others do.

use contracts::export::ExportRequested;
use db::Tx;
use gdpr::Parts;
use outbox::{Halt, Received};

use crate::exports::own;
use crate::state::State;

/// Sends it, if this service is asked.
pub async fn export_requested(tx: &mut Tx, state: &State, event: &Received<ExportRequested>) -> Result<(), Halt> {
    let Some(mut parts) = Parts::asked(tx, "auth", &event.data).await? else { return Ok(()) };
    own::give(tx, state, event.data.user_id, &mut parts).await?;
    Ok(parts.end(tx).await?)
}
