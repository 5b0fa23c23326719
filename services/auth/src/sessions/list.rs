//! GET /auth/sessions: where the account is signed in.

use contracts::SessionId;
use db::Ts;
use serde::Serialize;
use server::{Answer, Caller, Data, List, get, list as listed};
use utoipa::ToSchema;

use super::living;
use super::row::SessionRow;
use crate::state::State;

/// A session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionView {
    /// Its id.
    id: SessionId,
    /// The device it was opened by.
    device: String,
    /// The network it was last refreshed from, or opened from.
    ip_prefix: Option<String>,
    /// When it was opened.
    created: Ts,
    /// When it was last refreshed, which a client in use does every half hour.
    last_seen: Ts,
    /// Whether it is the one that asks.
    current: bool,
}

/// The living sessions of the caller's account, the newest first.
#[utoipa::path(tag = "auth", operation_id = "list_sessions", security(("bearer" = [])))]
#[get("/auth/sessions")]
pub async fn list(state: Data<State>, who: Caller) -> Answer<List<SessionView>> {
    let mut conn = state.db.conn().await?;
    let rows = living(&mut conn, who.id, state.clock.now()).await?;
    let items = rows.into_iter().map(|row| SessionView::of(row, who.identity.session)).collect();
    listed(items, None)
}

impl SessionView {
    /// A session as somebody sees it who is in `current`.
    pub fn of(row: SessionRow, current: SessionId) -> Self {
        Self {
            id: row.id,
            device: row.device,
            ip_prefix: row.seen_ip_prefix.or(row.ip_prefix),
            created: row.created_at,
            last_seen: row.last_seen_at,
            current: row.id == current,
        }
    }
}
