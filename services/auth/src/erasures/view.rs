//! How erasures read.

use std::collections::BTreeMap;

use contracts::gdpr::Retained;
use contracts::{ErasureId, UserId};
use db::Ts;
use serde::Serialize;
use utoipa::ToSchema;

use super::row::{ErasureRow, StepRow};

/// An erasure, with what each service says that it did.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ErasureView {
    /// Its id.
    id: ErasureId,
    /// REQUESTED, RUNNING, STALLED, COMPLETED or CANCELLED.
    #[schema(example = "RUNNING")]
    state: String,
    /// When it was asked for.
    requested_at: Ts,
    /// Until when it may be taken back.
    grace_until: Ts,
    /// When it has to be done.
    deadline: Ts,
    /// When all was erased.
    completed_at: Option<Ts>,
    /// Whose receipts are awaited, and what is in them.
    services: Vec<ErasureServiceView>,
}

/// A service's part in it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ErasureServiceView {
    /// The service.
    #[schema(example = "posts")]
    name: String,
    /// ASKED, LAST (auth itself, when all others are done) or CONFIRMED.
    #[schema(example = "CONFIRMED")]
    state: String,
    /// How many of what it erased.
    counts: BTreeMap<String, i64>,
    /// What it keeps, by what right, and until when.
    retained: Vec<Retained>,
    /// When its receipt came.
    confirmed_at: Option<Ts>,
}

/// An erasure as administrators see it in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListedErasureView {
    /// Its id.
    id: ErasureId,
    /// The account.
    user_id: UserId,
    /// What the account is called where it has to be called anything.
    #[schema(example = "erased:9f86d081884c7d659a2feaa0c55ad015")]
    pseudonym: String,
    /// REQUESTED, RUNNING, STALLED, COMPLETED or CANCELLED.
    #[schema(example = "STALLED")]
    state: String,
    /// When it was asked for.
    requested_at: Ts,
    /// When it has to be done.
    deadline: Ts,
    /// Since when somebody does not answer.
    stalled_at: Option<Ts>,
    /// When all was erased.
    completed_at: Option<Ts>,
}

impl ErasureView {
    /// The erasure with its parts.
    pub fn of(erasure: ErasureRow, steps: Vec<StepRow>) -> Self {
        Self {
            id: erasure.id,
            state: erasure.state,
            requested_at: erasure.requested_at,
            grace_until: erasure.grace_until,
            deadline: erasure.deadline,
            completed_at: erasure.completed_at,
            services: steps.into_iter().map(ErasureServiceView::from).collect(),
        }
    }
}

impl From<StepRow> for ErasureServiceView {
    fn from(step: StepRow) -> Self {
        let (counts, retained) = step.receipt().map(|receipt| (receipt.counts, receipt.retained)).unwrap_or_default();
        Self { name: step.service, state: step.state, counts, retained, confirmed_at: step.confirmed_at }
    }
}

impl From<ErasureRow> for ListedErasureView {
    fn from(erasure: ErasureRow) -> Self {
        Self {
            id: erasure.id,
            user_id: erasure.user_id,
            pseudonym: erasure.pseudonym,
            state: erasure.state,
            requested_at: erasure.requested_at,
            deadline: erasure.deadline,
            stalled_at: erasure.stalled_at,
            completed_at: erasure.completed_at,
        }
    }
}
