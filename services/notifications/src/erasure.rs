//! Whom this service writes to no more: his contact and every mail to him, sent or not. What goes to him afterwards names
//! an address and no account, and is deleted once it is sent (see `deliveries`).

use contracts::UserId;
use db::Tx;
use gdpr::Erased;

use crate::{contacts, deliveries};

/// Erases the contact of `user` and all mails.
pub async fn erase(tx: &mut Tx, user: UserId) -> db::Result<Erased> {
    let mails = deliveries::erase(tx, user).await?;
    Ok(Erased::default().and("contacts", contacts::erase(tx, user).await?).and("deliveries", mails))
}
