//! GET /auth/erasures: all erasures, for administrators.

use db::page::{Key, List as Order};
use garde::Validate;
use serde::Deserialize;
use server::{Answer, Data, List, Page, Query, SecureAdmin, get, list as listed};
use utoipa::{IntoParams, ToSchema};

use super::queries;
use super::rules::Stage;
use super::view::ListedErasureView;
use crate::state::State;

/// How far an erasure is.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ErasureState {
    /// It was asked for.
    Requested,
    /// Services are asked.
    Running,
    /// Some did not answer for a day.
    Stalled,
    /// Nobody knows the account any more.
    Completed,
    /// It was taken back.
    Cancelled,
}

/// Which erasures.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Those that are so far.
    #[garde(skip)]
    state: Option<ErasureState>,
}

/// All erasures, the newest first.
#[utoipa::path(tag = "auth", operation_id = "list_erasures", security(("bearer" = [])), params(Page, Wanted))]
#[get("/auth/erasures")]
pub async fn list(
    state: Data<State>,
    _: SecureAdmin,
    page: Page,
    wanted: Query<Wanted>,
) -> Answer<List<ListedErasureView>> {
    let wanted = wanted.state.map(|state| state.stage().name());
    let order = Order::new("erasures", "new").filtered("state", wanted);
    let page = state.cursors.page(page.limit, page.cursor.as_deref(), &order)?;
    let rows = queries::newest(&mut *state.db.conn().await?, wanted, &page).await?;
    let (rows, next) = page.split(rows, |row| Key::at(row.requested_at.0, row.id.0));
    let next = next.map(|key| state.cursors.cursor(key, &order));
    listed(rows.into_iter().map(ListedErasureView::from).collect(), next)
}

impl ErasureState {
    fn stage(self) -> Stage {
        match self {
            Self::Requested => Stage::Requested,
            Self::Running => Stage::Running,
            Self::Stalled => Stage::Stalled,
            Self::Completed => Stage::Completed,
            Self::Cancelled => Stage::Cancelled,
        }
    }
}
