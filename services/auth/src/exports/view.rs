//! How exports read.

use contracts::ExportId;
use db::Ts;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::row::{ExportRow, ServiceRow};

/// An export that is being prepared.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BegunView {
    /// Its id.
    export_id: ExportId,
    /// How far it is.
    #[schema(example = "PREPARING")]
    state: &'static str,
}

/// An export as its owner sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExportView {
    /// Its id.
    id: ExportId,
    /// `PREPARING`, `READY`, `EXPIRED`, or `FAILED` where a service did not send its part within a day.
    #[schema(example = "READY")]
    state: &'static str,
    /// When it was asked for.
    requested_at: Ts,
    /// When it was whole.
    ready_at: Option<Ts>,
    /// When its link stops working.
    expires_at: Option<Ts>,
    /// The services that take part in it.
    services: Vec<ExportServiceView>,
    /// Where to download it; whoever has this address needs nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// The part of a service.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExportServiceView {
    /// The service.
    name: String,
    /// `WAITING`, or `READY` where its part is there.
    #[schema(example = "READY")]
    state: String,
}

impl From<&ExportRow> for BegunView {
    fn from(row: &ExportRow) -> Self {
        Self { export_id: row.id, state: row.phase().name() }
    }
}

impl ExportView {
    /// An export as it is at `now`, with where it can be downloaded, if it can.
    pub fn new(row: &ExportRow, services: Vec<ServiceRow>, url: Option<String>, now: Timestamp) -> Self {
        let phase = row.phase().at(row.expires_at.map(|at| at.0), now);
        let services = services.into_iter().map(|row| ExportServiceView { name: row.service, state: row.state });
        Self {
            id: row.id,
            state: phase.name(),
            requested_at: row.requested_at,
            ready_at: row.ready_at,
            expires_at: row.expires_at,
            services: services.collect(),
            url,
        }
    }
}
