//! DELETE /auth/sessions?except=current: signed out everywhere else.

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
#[into_params(parameter_in = Query)]
pub struct Except {
    /// Always `current`: to end all of them, sign out with `all`.
    #[garde(pattern("^current$"))]
    except: String,
}

/// Ends all sessions of the caller's account but this one.
#[utoipa::path(tag = "auth", operation_id = "revoke_other_sessions", security(("bearer" = [])), params(Except))]
#[delete("/auth/sessions")]
pub async fn revoke_others(state: Data<State>, who: Caller, visitor: Visitor, _except: Query<Except>) -> NoContent {
    let (session, visitor) = (who.identity.session, &visitor);
    let ended = state.db.tx(async |tx: &mut Tx| -> db::Result<_> {
        let ended = end(tx, who.id, Which::AllBut(session), EndReason::Revoked).await?;
        history::note(tx, Kind::SessionsEnded, Some(who.id), Some(session), visitor).await?;
        Ok(ended)
    });
    ended.await?.tell(&state);
    no_content()
}
