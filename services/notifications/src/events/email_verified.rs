//! An address was proven: its owner is welcomed, once.

use std::collections::BTreeMap;

use contracts::auth::UserEmailVerified;
use db::Tx;
use jiff::SignedDuration;
use outbox::{Halt, Received};

use crate::deliveries::{self, Wish};
use crate::mail::Template;
use crate::state::State;

/// A welcome that comes later than this is none.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Queues the welcome.
pub async fn email_verified(tx: &mut Tx, _: &State, event: &Received<UserEmailVerified>) -> Result<(), Halt> {
    let user = event.data.user_id;
    if gdpr::is_erased(tx, user).await? {
        return Ok(());
    }
    let expires_at = event.time.checked_add(GOOD_FOR).unwrap_or(event.time);
    let wish = Wish {
        dedup_key: format!("welcome:{user}"),
        template: Template::Welcome,
        user: Some(user),
        to: None,
        locale: None,
        params: BTreeMap::new(),
        expires_at,
    };
    deliveries::queue(tx, wish).await?;
    Ok(())
}
