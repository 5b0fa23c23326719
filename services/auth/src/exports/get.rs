//! GET /auth/exports/{id}: how far an export is, and where it can be downloaded.

use contracts::ExportId;
use problem::{Problem, codes::NOT_FOUND};
use server::{Answer, Caller, Data, Path, answer, get};
use url::Url;

use super::row::ExportRow;
use super::rules::Phase;
use super::view::ExportView;
use super::{proof, queries};
use crate::accounts::owner;
use crate::accounts::row::UserRow;
use crate::secrets::Secrets;
use crate::state::State;

/// How far one of the caller's exports is, with the part of each service; once all are there, where to download it for a
/// day.
#[utoipa::path(tag = "auth", operation_id = "get_export", security(("bearer" = [])),
    params(("id" = ExportId, Path, description = "The export.")))]
#[get("/auth/exports/{id}")]
pub async fn get(state: Data<State>, who: Caller, id: Path<ExportId>) -> Answer<ExportView> {
    let user = owner::account(&state, who.id).await?.user;
    let mut conn = state.db.conn().await?;
    let export = queries::of_owner(&mut conn, user.id, id.into_inner()).await?;
    let export = export.ok_or_else(|| Problem::new(&NOT_FOUND))?;
    let services = queries::services(&mut conn, export.id).await?;
    let now = state.clock.now();
    let ready = export.phase().at(export.expires_at.map(|at| at.0), now) == Phase::Ready;
    let url = ready.then(|| link(&state.public_url, &state.secrets, &export, &user));
    answer(ExportView::new(&export, services, url, now))
}

/// The address by which the archive is downloaded.
fn link(site: &Url, secrets: &Secrets, export: &ExportRow, user: &UserRow) -> String {
    let (site, token) = (site.as_str().trim_end_matches('/'), proof(secrets, export, user).show());
    format!("{site}/api/v1/auth/exports/{}/archive?token={token}", export.id)
}
