//! What this service hears: one line per event, then one file.
//!
//! A handler runs in the transaction that notes its event, once for each; it queues mails and never sends one.

mod contact_changed;
mod email_verified;
mod erasure_requested;
mod export_requested;
mod mail_send;
mod profile_updated;
mod user_registered;

use contracts::auth::{ContactChanged, UserEmailVerified, UserRegistered};
use contracts::export::ExportRequested;
use contracts::gdpr::ErasureRequested;
use contracts::mail::Send;
use contracts::users::ProfileUpdated;
use outbox::Subscriptions;

use crate::state::State;

/// Every event this service consumes, and what it does then.
pub fn subscriptions() -> Subscriptions<State> {
    Subscriptions::new("notifications")
        .on::<UserRegistered>(user_registered::user_registered)
        .on::<ContactChanged>(contact_changed::contact_changed)
        .on::<ProfileUpdated>(profile_updated::profile_updated)
        .on::<UserEmailVerified>(email_verified::email_verified)
        .on::<Send>(mail_send::mail_send)
        .on::<ErasureRequested>(erasure_requested::erasure_requested)
        .on::<ExportRequested>(export_requested::export_requested)
}
