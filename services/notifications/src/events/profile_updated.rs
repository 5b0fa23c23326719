//! A profile changed: its name, language, zone and switches are kept.

use contracts::users::ProfileUpdated;
use db::Tx;
use outbox::{Halt, Received};

use crate::contacts;
use crate::state::State;

/// Keeps the profile's half of the contact.
pub async fn profile_updated(tx: &mut Tx, _: &State, event: &Received<ProfileUpdated>) -> Result<(), Halt> {
    if !gdpr::is_erased(tx, event.data.user_id).await? {
        contacts::learn_profile(tx, &event.data).await?;
    }
    Ok(())
}
