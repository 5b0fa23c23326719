//! An account was made: the language it is spoken to in is known from now on.

use contracts::auth::UserRegistered;
use db::Tx;
use outbox::{Halt, Received};

use crate::contacts;
use crate::state::State;

/// Keeps the language, until more is told.
pub async fn user_registered(tx: &mut Tx, _: &State, event: &Received<UserRegistered>) -> Result<(), Halt> {
    if !gdpr::is_erased(tx, event.data.user_id).await? {
        contacts::learn_account(tx, &event.data).await?;
    }
    Ok(())
}
