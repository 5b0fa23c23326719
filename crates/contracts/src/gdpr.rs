//! How people are forgotten: auth asks, every service that announced itself answers with a signed receipt.
//!
//! Ids and counts only. Their subject is the erasure, so that an account that is gone leaves no series behind.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::sample;
use crate::event::event;
use crate::{ErasureId, UserId};

/// What a service keeps of somebody who is erased, and by what right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Retained {
    /// What, in a word: `invoices`.
    pub what: String,
    /// By what right, in a word: `tax_law`.
    pub basis: String,
    /// Until when, where it is known.
    pub until: Option<Timestamp>,
}

event! {
    /// A service takes its part in erasing people; told each time it starts.
    "gdpr.participant.announced.v1", Journaled, ParticipantAnnounced { service } {
        /// The service.
        pub service: String,
    } = { service: "posts".into() }

    /// Everything about an account is to be erased. Told again to those who have not answered.
    "gdpr.erasure.requested.v1", Journaled, ErasureRequested { erasure_id } {
        /// The erasure.
        pub erasure_id: ErasureId,
        /// The account.
        pub user_id: UserId,
        /// When it has to be done at the latest.
        pub deadline: Timestamp,
        /// The services whose receipts are awaited.
        pub participants: Vec<String>,
    } = {
        erasure_id: erasure(), user_id: sample::user(), deadline: sample::time(),
        participants: vec!["posts".into(), "users".into()],
    }

    /// The owner changed his mind before it began.
    "gdpr.erasure.cancelled.v1", Journaled, ErasureCancelled { erasure_id } {
        /// The erasure.
        pub erasure_id: ErasureId,
        /// The account, which is open again.
        pub user_id: UserId,
    } = { erasure_id: erasure(), user_id: sample::user() }

    /// A service has erased the account, and says what.
    "gdpr.erasure.confirmed.v1", Journaled, ErasureConfirmed { erasure_id } {
        /// The erasure.
        pub erasure_id: ErasureId,
        /// The service.
        pub service: String,
        /// How many of what: `posts`, `likes`.
        pub counts: BTreeMap<String, i64>,
        /// What it keeps.
        pub retained: Vec<Retained>,
        /// SHA-256, in hex, of the four above as JSON with sorted keys.
        pub digest: String,
        /// A JWS of erasure, service and digest, by the service's key.
        pub signature: String,
    } = {
        erasure_id: erasure(), service: "posts".into(), counts: BTreeMap::from([("posts".into(), 3)]),
        retained: vec![], digest: "00".repeat(32), signature: "e30.e30.c2ln".into(),
    }

    /// All receipts are in; nobody knows the account any more.
    "gdpr.erasure.completed.v1", Journaled, ErasureCompleted { erasure_id } {
        /// The erasure.
        pub erasure_id: ErasureId,
        /// The services that sent one.
        pub participants: Vec<String>,
    } = { erasure_id: erasure(), participants: vec!["auth".into(), "posts".into(), "users".into()] }

    /// A day has passed, and receipts are missing.
    "gdpr.erasure.stalled.v1", Journaled, ErasureStalled { erasure_id } {
        /// The erasure.
        pub erasure_id: ErasureId,
        /// When it has to be done at the latest.
        pub deadline: Timestamp,
        /// The services that did not answer.
        pub missing: Vec<String>,
    } = { erasure_id: erasure(), deadline: sample::time(), missing: vec!["posts".into()] }
}

/// What samples are made of.
fn erasure() -> ErasureId {
    ErasureId(uuid::Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0006))
}
