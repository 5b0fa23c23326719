//! DELETE /auth/mfa/totp: the app is off.

use clock::Clock;
use contracts::auth::{MfaDisabled, SecondFactor};
use db::Tx;
use problem::Problem;
use problem::codes::NOT_FOUND;
use server::{Caller, Data, NoContent, delete, no_content};

use super::{lost, queries};
use crate::accounts::notices::{self, Notice};
use crate::accounts::owner;
use crate::history::{self, Kind};
use crate::revocations::Ended;
use crate::sessions::Visitor;
use crate::state::State;

/// Turns the app off, for who showed a second factor within the last ten minutes. Without another factor the recovery
/// codes go with it; sessions go on then, with other access tokens: those from before are void.
#[utoipa::path(tag = "auth", operation_id = "disable_totp", security(("bearer" = [])))]
#[delete("/auth/mfa/totp")]
pub async fn disable(state: Data<State>, who: Caller, visitor: Visitor) -> NoContent {
    owner::recently(&state, &who).await?;
    let (clock, who, visitor) = (&state.clock, &who, &visitor);
    let _turn = state.turns.of(&who.id).await;
    state.db.tx(async |tx: &mut Tx| turn_off(tx, clock, who, visitor).await).await?.tell(&state);
    no_content()
}

async fn turn_off(tx: &mut Tx, clock: &Clock, who: &Caller, visitor: &Visitor) -> Result<Ended, Problem> {
    let (user, session) = (owner::locked(tx, who).await?, who.identity.session);
    if !queries::remove_totp(tx, user.id).await? {
        return Err(Problem::new(&NOT_FOUND));
    }
    let ended = lost(tx, clock, &user).await?;
    outbox::emit(tx, &MfaDisabled { user_id: user.id, sid: session, method: SecondFactor::Totp }).await?;
    notices::mail(tx, Notice::MfaDisabled, &user, &user.email).await?;
    history::note(tx, Kind::MfaDisabled, Some(user.id), Some(session), visitor).await?;
    Ok(ended)
}
