//! DELETE /auth/passkeys/{id}: it opens nothing any more.

use contracts::auth::{MfaDisabled, SecondFactor};
use db::Tx;
use problem::{Problem, codes::NOT_FOUND};
use server::{Caller, Data, NoContent, Path, delete, no_content};
use uuid::Uuid;

use super::queries;
use super::rules::Ways;
use crate::accounts::notices::{self, Notice};
use crate::accounts::owner;
use crate::history::{self, Kind};
use crate::revocations::Ended;
use crate::sessions::Visitor;
use crate::state::State;
use crate::{codes, factors, identities};

/// Takes a passkey from the caller's account, within ten minutes of a login or of a proof made anew. The only way in
/// stays. The owner is mailed. With the last second factor sessions go on with other access tokens: those from before are
/// void.
#[utoipa::path(tag = "auth", operation_id = "remove_passkey", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The passkey.")))]
#[delete("/auth/passkeys/{id}")]
pub async fn remove(state: Data<State>, who: Caller, visitor: Visitor, id: Path<Uuid>) -> NoContent {
    owner::recently(&state, &who).await?;
    let removal = &Removal { state: &state, id: id.into_inner(), who: &who, visitor: &visitor };
    let _turn = state.turns.of(&who.id).await;
    state.db.tx(async |tx: &mut Tx| removal.write(tx).await).await?.tell(&state);
    no_content()
}

struct Removal<'a> {
    state: &'a State,
    id: Uuid,
    who: &'a Caller,
    visitor: &'a Visitor,
}

impl Removal<'_> {
    /// The account is locked, so that of two that are removed at once one stays where it has to.
    async fn write(&self, tx: &mut Tx) -> Result<Ended, Problem> {
        let session = self.who.identity.session;
        let user = owner::locked(tx, self.who).await?;
        let ways = Ways {
            password: user.password_hash.is_some(),
            identities: identities::count(tx, user.id, &self.state.providers.issuers()).await?,
            passkeys: queries::count(tx, user.id).await?,
        };
        if !queries::delete(tx, user.id, self.id).await? {
            return Err(Problem::new(&NOT_FOUND));
        }
        if !ways.can_spare_a_passkey() {
            return Err(Problem::new(&codes::LAST_CREDENTIAL));
        }
        if ways.passkeys == 1 {
            let disabled = MfaDisabled { user_id: user.id, sid: session, method: SecondFactor::Passkey };
            outbox::emit(tx, &disabled).await?;
        }
        let ended = factors::lost(tx, &self.state.clock, &user).await?;
        notices::mail(tx, Notice::PasskeyRemoved, &user, &user.email).await?;
        history::note(tx, Kind::PasskeyRemoved, Some(user.id), Some(session), self.visitor).await?;
        Ok(ended)
    }
}
