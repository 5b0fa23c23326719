//! GET /auth/security-events: what happened to the safety of one's own account.

use contracts::SessionId;
use db::Ts;
use db::page::{Key, List as Order};
use serde::Serialize;
use server::{Answer, Caller, Data, List, Page, get, list as listed};
use utoipa::ToSchema;
use uuid::Uuid;

use super::queries;
use super::row::SecurityEventRow;
use crate::state::State;

/// Something that happened to the account's safety.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SecurityEventView {
    /// Its id.
    id: Uuid,
    /// What, in a word.
    #[schema(example = "login_failed")]
    kind: String,
    /// Why, where there is more to say: in a word, or in those of an administrator.
    #[schema(example = "wrong_credentials")]
    reason: Option<String>,
    /// By which device.
    #[schema(example = "Firefox, Linux")]
    device: Option<String>,
    /// From which network.
    #[schema(example = "203.0.113.0/24")]
    ip_prefix: Option<String>,
    /// The session it concerns.
    session_id: Option<SessionId>,
    /// When.
    created_at: Ts,
}

/// What happened to the safety of the caller's account, the latest first.
#[utoipa::path(tag = "auth", operation_id = "list_security_events", security(("bearer" = [])), params(Page))]
#[get("/auth/security-events")]
pub async fn list(state: Data<State>, who: Caller, page: Page) -> Answer<List<SecurityEventView>> {
    let order = Order::new("security-events", "new").filtered("user", Some(who.id));
    let page = state.cursors.page(page.limit, page.cursor.as_deref(), &order)?;
    let rows = queries::of_user(&mut *state.db.conn().await?, who.id, &page).await?;
    let (rows, next) = page.split(rows, |row| Key::at(row.created_at.0, row.id));
    let next = next.map(|key| state.cursors.cursor(key, &order));
    listed(rows.into_iter().map(SecurityEventView::from).collect(), next)
}

impl From<SecurityEventRow> for SecurityEventView {
    fn from(row: SecurityEventRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            reason: row.reason,
            device: row.device,
            ip_prefix: row.ip_prefix,
            session_id: row.session_id,
            created_at: row.created_at,
        }
    }
}
