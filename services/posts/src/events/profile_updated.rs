//! users.profile.updated.v1: an author may have another name now.

use contracts::users::ProfileUpdated;
use db::Tx;
use outbox::{Halt, Received};

use crate::authors;
use crate::state::State;

/// Keeps what the profile says of its owner.
pub async fn profile_updated(tx: &mut Tx, _: &State, event: &Received<ProfileUpdated>) -> Result<(), Halt> {
    if gdpr::is_erased(tx, event.data.user_id).await? {
        return Ok(());
    }
    Ok(authors::remember(tx, &event.data).await?)
}
