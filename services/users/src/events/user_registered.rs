//! An account was made: so is its profile.

use contracts::auth::UserRegistered;
use db::Tx;
use outbox::{Halt, Received};

use crate::profiles::fill::{Told, fill};
use crate::profiles::rules::Facts;
use crate::state::State;

/// Makes the profile, in the account's language.
pub async fn user_registered(tx: &mut Tx, _: &State, event: &Received<UserRegistered>) -> Result<(), Halt> {
    let facts = Facts { locale: event.data.locale, ..Facts::default() };
    fill(tx, event.data.user_id, Told { facts, at: event.time, contact_version: None }).await?;
    Ok(())
}
