//! gdpr.export.requested.v1: somebody wants all that is held about him.

use contracts::export::ExportRequested;
use db::Tx;
use gdpr::Parts;
use outbox::{Halt, Received};

use crate::exports;
use crate::state::State;

/// Sends what this service holds, if it is asked.
pub async fn export_requested(tx: &mut Tx, _: &State, event: &Received<ExportRequested>) -> Result<(), Halt> {
    let Some(mut parts) = Parts::asked(tx, "skeleton-name", &event.data).await? else { return Ok(()) };
    exports::give(tx, event.data.user_id, &mut parts).await?;
    Ok(parts.end(tx).await?)
}
