//! A profile changed: so does the copy that `/auth/me` shows.

use contracts::users::ProfileUpdated;
use db::{Ts, Tx};
use outbox::{Halt, Received};

use crate::accounts;
use crate::accounts::row::ProfileRow;
use crate::state::State;

/// Writes the copy. A profile whose account is gone has nowhere to be copied to.
pub async fn profile_updated(tx: &mut Tx, _: &State, event: &Received<ProfileUpdated>) -> Result<(), Halt> {
    let profile = &event.data;
    if gdpr::is_erased(tx, profile.user_id).await? {
        return Ok(());
    }
    let preferences = serde_json::to_value(&profile.preferences).map_err(|e| Halt::Park(e.to_string()))?;
    let copy = ProfileRow {
        user_id: profile.user_id,
        full_name: profile.full_name.clone(),
        profile_picture_url: profile.profile_picture_url.clone(),
        preferences: Some(preferences),
        version: profile.version,
        updated_at: Ts(event.time),
    };
    accounts::copy_profile(tx, &copy).await?;
    Ok(())
}
