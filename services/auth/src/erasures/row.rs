//! The rows of erasures.

use contracts::gdpr::{ErasureConfirmed, ErasureRequested};
use contracts::{ErasureId, EventId, Language, UserId};
use db::Ts;
use diesel::prelude::*;
use serde_json::Value;

use super::rules::Stage;
use crate::schema::{erasure_steps, erasures};

/// An erasure.
#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = erasures)]
pub struct ErasureRow {
    /// Its id.
    pub id: ErasureId,
    /// The account.
    pub user_id: UserId,
    /// How far it is.
    pub state: String,
    /// The digest of the token that its owner follows it by.
    pub receipt_hash: Vec<u8>,
    /// What the account is called from now on, where it has to be called anything.
    pub pseudonym: String,
    /// Where the last mail goes, until it went.
    pub sealed_address: Option<Vec<u8>>,
    /// Whether the address was proven, so that mails go there.
    pub is_told: bool,
    /// Whether the account was open.
    pub was_active: bool,
    /// The language of the last mail.
    pub locale: String,
    /// The administrator who asked for it; nobody where its owner did.
    pub requested_by: Option<UserId>,
    /// When it was asked for.
    pub requested_at: Ts,
    /// Until when it may be taken back.
    pub grace_until: Ts,
    /// When it has to be done.
    pub deadline: Ts,
    /// When the services were asked.
    pub begun_at: Option<Ts>,
    /// When it was noted that one does not answer.
    pub stalled_at: Option<Ts>,
    /// When the last alarm was raised.
    pub alarmed_at: Option<Ts>,
    /// When all was erased.
    pub completed_at: Option<Ts>,
    /// When it was taken back.
    pub cancelled_at: Option<Ts>,
    /// The last mail, while the outbox keeps it.
    pub farewell_id: Option<EventId>,
}

/// A service's part in an erasure.
#[derive(Clone, HasQuery)]
#[diesel(table_name = erasure_steps)]
pub struct StepRow {
    /// The erasure.
    pub erasure_id: ErasureId,
    /// The service.
    pub service: String,
    /// `ASKED`, `LAST` (this service, whose turn comes when all others are done) or `CONFIRMED`.
    pub state: String,
    /// How often it was asked.
    pub attempts: i32,
    /// When it was asked first.
    pub asked_at: Ts,
    /// When it is asked again.
    pub next_at: Option<Ts>,
    /// What it answered.
    pub receipt: Option<Value>,
    /// When.
    pub confirmed_at: Option<Ts>,
}

impl ErasureRow {
    /// How far it is.
    pub fn stage(&self) -> Stage {
        Stage::named(&self.state).unwrap_or(Stage::Requested)
    }

    /// The language of its mails.
    pub fn language(&self) -> Language {
        Language::of_tag(&self.locale).unwrap_or_default()
    }

    /// What the address is sealed by.
    pub fn seal_of(id: ErasureId) -> String {
        format!("erasure:{id}")
    }

    /// What services are asked.
    pub fn asked(&self, participants: Vec<String>) -> ErasureRequested {
        ErasureRequested { erasure_id: self.id, user_id: self.user_id, deadline: self.deadline.0, participants }
    }
}

impl StepRow {
    /// What it answered.
    pub fn receipt(&self) -> Option<ErasureConfirmed> {
        serde_json::from_value(self.receipt.clone()?).ok()
    }
}
