//! What notifications tells: what became of mails.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::UserId;
use crate::auth::sample;
use crate::event::event;

event! {
    /// A mail was taken by the mail server.
    "notifications.email.sent.v1", Journaled, EmailSent { dedup_hash } {
        /// The template.
        pub template: String,
        /// The account, where it was for one.
        pub user_id: Option<UserId>,
        /// SHA-256 of the key that makes it one mail, in hex: the key itself may tell more than ids.
        pub dedup_hash: String,
    } = { template: "verify_email".into(), user_id: Some(sample::user()), dedup_hash: "00".repeat(32) }

    /// A mail was refused for good, or expired.
    "notifications.email.bounced.v1", Journaled, EmailBounced { dedup_hash } {
        /// The template.
        pub template: String,
        /// The account, where it was for one.
        pub user_id: Option<UserId>,
        /// SHA-256 of the key that makes it one mail, in hex.
        pub dedup_hash: String,
        /// Why: `refused` or `expired`.
        pub reason: String,
    } = { template: "verify_email".into(), user_id: Some(sample::user()), dedup_hash: "00".repeat(32), reason: "refused".into() }
}
