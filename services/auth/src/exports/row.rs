//! The rows of exports.

use contracts::{ExportId, UserId};
use db::Ts;
use diesel::prelude::*;

use super::rules::Phase;
use crate::schema::{export_parts, export_services, exports};

/// An export.
#[derive(Clone, Debug, HasQuery, Insertable)]
#[diesel(table_name = exports)]
pub struct ExportRow {
    /// Its id.
    pub id: ExportId,
    /// Whose it is.
    pub user_id: UserId,
    /// How far it is.
    pub state: String,
    /// How often its services were asked.
    pub asked: i32,
    /// When there is something to do about it.
    pub next_at: Option<Ts>,
    /// When it was asked for.
    pub requested_at: Ts,
    /// When it was whole.
    pub ready_at: Option<Ts>,
    /// When its link stops working.
    pub expires_at: Option<Ts>,
}

/// A service whose part is awaited.
#[derive(Clone, Debug, HasQuery)]
#[diesel(table_name = export_services)]
pub struct ServiceRow {
    /// The service.
    pub service: String,
    /// `WAITING` or `READY`.
    pub state: String,
    /// Which of the times that it was asked the chunks at hand answer.
    pub asked: i32,
    /// How many chunks are at hand.
    pub received: i32,
    /// How many there will be, where it is known.
    pub total: Option<i32>,
}

/// A chunk of a part.
#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = export_parts)]
pub struct PartRow {
    /// The export.
    pub export_id: ExportId,
    /// The service.
    pub service: String,
    /// Its place among the service's chunks, from 0.
    pub number: i32,
    /// The file that it belongs to.
    pub file: String,
    /// Some of that file's text.
    pub content: String,
}

/// What a service is called in the table whose part is whole.
pub const WHOLE: &str = "READY";

impl ExportRow {
    /// How far it is; a word that nobody knows is as good as failed.
    pub fn phase(&self) -> Phase {
        Phase::named(&self.state).unwrap_or(Phase::Failed)
    }
}

impl ServiceRow {
    /// Whether its part is there.
    pub fn is_whole(&self) -> bool {
        self.state == WHOLE
    }
}
