//! Who wrote what: a small copy of profiles, fed by events.
//!
//! An account whose profile has not come yet is shown by its id alone; an erased one as "compte supprimé". Start with
//! [`remember`].

pub mod row;
pub mod view;

mod queries;

use contracts::users::ProfileUpdated;
use db::{Connection, Result};

/// Keeps what a profile says of itself, unless a newer one is kept already.
pub async fn remember(conn: &mut Connection, profile: &ProfileUpdated) -> Result<()> {
    queries::upsert(conn, profile).await
}
