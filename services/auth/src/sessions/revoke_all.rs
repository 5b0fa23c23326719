//! DELETE /auth/sessions: signed out everywhere, or everywhere else.

use db::Tx;
use serde::Deserialize;
use server::{Caller, Data, NoContent, Query, delete, no_content};
use utoipa::IntoParams;

use super::visitor::Visitor;
use super::{EndReason, Which, end};
use crate::history::{self, Kind};
use crate::state::State;

/// Which stay.
#[derive(Debug, Deserialize, garde::Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Except {
    /// `current`, or left out: then none stays.
    #[garde(pattern("^current$"))]
    except: Option<String>,
}

/// Ends all sessions of the caller's account, or all but this one.
#[utoipa::path(tag = "auth", operation_id = "revoke_sessions", security(("bearer" = [])), params(Except))]
#[delete("/auth/sessions")]
pub async fn revoke_all(state: Data<State>, who: Caller, visitor: Visitor, query: Query<Except>) -> NoContent {
    let (session, visitor) = (who.identity.session, &visitor);
    let which = if query.except.is_some() { Which::AllBut(session) } else { Which::All };
    let ended = state.db.tx(async |tx: &mut Tx| -> db::Result<_> {
        let ended = end(tx, who.id, which, EndReason::Revoked).await?;
        history::note(tx, Kind::SessionsEnded, Some(who.id), Some(session), visitor).await?;
        Ok(ended)
    });
    ended.await?.tell(&state);
    no_content()
}
