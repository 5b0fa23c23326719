//! POST /auth/logout: the session is over, or all of them.

use actix_web::HttpResponse;
use db::Tx;
use serde::Deserialize;
use server::{Caller, Data, Raw, Refusal, post};
use utoipa::ToSchema;

use super::visitor::Visitor;
use super::{EndReason, Which, cookie, end};
use crate::history::{self, Kind};
use crate::optional::OptionalJson;
use crate::state::State;

/// How much is over.
#[derive(Debug, Default, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "all": false }))]
pub struct Logout {
    /// All sessions of the account, not only this one.
    #[serde(default)]
    all: bool,
}

/// Ends the session: its refresh token at once, its access tokens within a second.
#[utoipa::path(tag = "auth", operation_id = "log_out", security(("bearer" = [])), request_body = Option<Logout>,
    responses((status = 204, description = "It is over.")))]
#[post("/auth/logout")]
pub async fn logout(
    state: Data<State>,
    who: Caller,
    visitor: Visitor,
    body: OptionalJson<Logout>,
) -> Result<Raw, Refusal> {
    let session = who.identity.session;
    let which = if body.0.unwrap_or_default().all { Which::All } else { Which::One(session) };
    let visitor = &visitor;
    let ended = state.db.tx(async |tx: &mut Tx| -> db::Result<_> {
        let ended = end(tx, who.id, which, EndReason::Logout).await?;
        history::note(tx, Kind::SessionsEnded, Some(who.id), Some(session), visitor).await?;
        Ok(ended)
    });
    ended.await?.tell(&state);
    let mut over = HttpResponse::NoContent();
    // Not "cookies": a browser that its owner signs out of is no stranger (see `devices`).
    over.insert_header(("clear-site-data", "\"cache\", \"storage\""));
    over.insert_header(("set-cookie", cookie::write("", 0)));
    Ok(Raw(over.finish()))
}
