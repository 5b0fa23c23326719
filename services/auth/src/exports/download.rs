//! GET /auth/exports/{id}/archive: all of it, for whoever has the address that its owner was given.

use actix_web::HttpResponse;
use contracts::ExportId;
use db::Tx;
use problem::{Problem, codes::NOT_FOUND};
use serde::Deserialize;
use server::{Data, Path, Query, Raw, Refusal, get};
use utoipa::IntoParams;

use super::archive::{self, Archive};
use super::rules::Phase;
use super::{proof, queries};
use crate::history::{self, Kind};
use crate::sessions::Visitor;
use crate::state::State;
use crate::{accounts, codes};

/// The link.
#[derive(Deserialize, garde::Validate, IntoParams)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct Signed {
    /// The secret of the link.
    #[serde(default)]
    token: String,
}

/// The archive, as a zip. The address is good for a day, until the password changes or the account is closed; nobody
/// needs a token besides.
#[utoipa::path(tag = "auth", operation_id = "download_export", security(()),
    params(("id" = ExportId, Path, description = "The export."), Signed),
    responses((status = 200, description = "The archive.", body = String, content_type = "application/zip")))]
#[get("/auth/exports/{id}/archive")]
pub async fn download(
    state: Data<State>,
    visitor: Visitor,
    id: Path<ExportId>,
    signed: Query<Signed>,
) -> Result<Raw, Refusal> {
    let (shared, visitor, id, token) = (&state, &visitor, id.into_inner(), signed.token.as_str());
    let archive = state.db.tx(async |tx: &mut Tx| open(tx, shared, visitor, id, token).await).await?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header(("content-type", "application/zip"));
    answer.insert_header(("content-disposition", format!("attachment; filename=\"{}\"", archive.file_name())));
    answer.insert_header(("cache-control", "no-store"));
    Ok(Raw(answer.streaming(archive::stream(state.db.clone(), archive))))
}

/// The archive of a link that works, noted in its owner's history. A link that is not ours tells nothing, not even
/// whether there is such an export; one that was, that its time is over.
async fn open(tx: &mut Tx, state: &State, visitor: &Visitor, id: ExportId, token: &str) -> Result<Archive, Problem> {
    let nothing = || Problem::new(&NOT_FOUND);
    let owner = queries::owner_of(tx, id).await?.ok_or_else(nothing)?;
    let account = accounts::shared_whole(tx, owner).await?.filter(|account| account.user.is_active);
    let export = queries::of_owner(tx, owner, id).await?;
    let (account, export) = account.zip(export).ok_or_else(nothing)?;
    let ours = export.ready_at.is_some() && proof(&state.secrets, &export, &account.user).is_shown_as(token);
    if !ours {
        return Err(nothing());
    }
    if export.phase().at(export.expires_at.map(|at| at.0), tx.now()) != Phase::Ready {
        return Err(Problem::new(&codes::LINK_EXPIRED));
    }
    let services = queries::services(tx, id).await?;
    history::note(tx, Kind::ExportDownloaded, Some(owner), None, visitor).await?;
    Ok(Archive::new(&export, &services, account.preferences().language))
}
