//! GET /notifications/deliveries: what became of mails.

use contracts::UserId;
use db::Ts;
use db::page::{Key, List as Listing};
use garde::Validate;
use serde::{Deserialize, Serialize};
use server::{Admin, Answer, Data, List, Page, Query, get};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::queries;
use super::row::DeliveryRow;
use crate::state::State;

/// Where a mail stands.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// It waits.
    Queued,
    /// It is being handed over.
    Sending,
    /// The mail server has it.
    Sent,
    /// It was given up.
    Failed,
    /// It was of no use any more.
    Expired,
}

/// Which mails.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Those that stand so.
    #[garde(skip)]
    state: Option<DeliveryState>,
}

/// A mail, without its address and without what it said.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryView {
    /// Its id.
    id: Uuid,
    /// Its template.
    #[schema(example = "verify_email")]
    template: String,
    /// The account it is for, if it is for one.
    user_id: Option<UserId>,
    /// Where it goes, masked; nothing until it is known.
    #[schema(example = "a***@example.org")]
    to: Option<String>,
    /// Where it stands.
    #[schema(value_type = DeliveryState)]
    state: String,
    /// How often it was tried.
    attempts: i32,
    /// When it is tried next, while it waits.
    next_at: Option<Ts>,
    /// Why the last try failed.
    last_error: Option<String>,
    /// When it is of no use any more.
    expires_at: Ts,
    /// When it was wished for.
    created_at: Ts,
    /// When it was sent or given up.
    ended_at: Option<Ts>,
    /// The request that it began with.
    request_id: Option<String>,
}

/// What became of mails, the newest first.
#[utoipa::path(tag = "notifications", operation_id = "list_deliveries", params(Page, Filter))]
#[get("/notifications/deliveries")]
pub async fn list(state: Data<State>, _: Admin, page: Page, filter: Query<Filter>) -> Answer<List<DeliveryView>> {
    let wanted = filter.state.map(DeliveryState::name);
    let listing = Listing::new("deliveries", "new").filtered("state", wanted);
    let page = state.cursors.page(page.limit, page.cursor.as_deref(), &listing)?;
    let rows = queries::newest(&mut *state.db.conn().await?, wanted, &page).await?;
    let (rows, next) = page.split(rows, |row| Key::at(row.created_at.0, row.id));
    let next = next.map(|key| state.cursors.cursor(key, &listing));
    server::list(rows.into_iter().map(DeliveryView::from).collect(), next)
}

impl DeliveryState {
    fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }
}

impl From<DeliveryRow> for DeliveryView {
    fn from(row: DeliveryRow) -> Self {
        let waits = row.state == "queued";
        Self {
            id: row.id,
            template: row.template,
            user_id: row.user_id,
            to: row.masked,
            state: row.state,
            attempts: row.attempts,
            next_at: Some(row.next_at).filter(|_| waits),
            last_error: row.last_error,
            expires_at: row.expires_at,
            created_at: row.created_at,
            ended_at: row.ended_at,
            request_id: row.request_id,
        }
    }
}
