//! How to reach an account: its name, picture and language fill what is empty; its username is always followed.

use contracts::auth::ContactChanged;
use db::Tx;
use outbox::{Halt, Received};

use crate::profiles::fill::{Told, fill};
use crate::profiles::rules::Facts;
use crate::state::State;

/// Fills the profile. The address stays with auth.
pub async fn contact_changed(tx: &mut Tx, _: &State, event: &Received<ContactChanged>) -> Result<(), Halt> {
    let contact = &event.data;
    let facts = Facts {
        username: contact.username.clone(),
        full_name: contact.full_name.clone(),
        picture_url: contact.picture_url.clone(),
        locale: contact.locale,
    };
    fill(tx, contact.user_id, Told { facts, at: event.time, contact_version: Some(contact.version) }).await?;
    Ok(())
}
