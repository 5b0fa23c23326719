//! How to reach an account: kept, and mail that waited for an address goes out.

use contracts::auth::ContactChanged;
use db::Tx;
use outbox::{Halt, Received};

use crate::state::State;
use crate::{contacts, deliveries};

/// Keeps the contact.
pub async fn contact_changed(tx: &mut Tx, _: &State, event: &Received<ContactChanged>) -> Result<(), Halt> {
    if gdpr::is_erased(tx, event.data.user_id).await? {
        return Ok(());
    }
    if contacts::learn_contact(tx, &event.data).await? {
        deliveries::wake(tx, event.data.user_id).await?;
    }
    Ok(())
}
