//! POST /auth/step-up/passkey: a fresh access token of this session, for who shows a passkey once more.

use db::Tx;
use problem::codes::TOKEN_REVOKED;
use serde::Deserialize;
use serde_json::Value;
use server::{Answer, Caller, Data, Json, answer, post};
use utoipa::ToSchema;
use webauthn_rs::prelude::PublicKeyCredential;

use super::assertion::{Assertion, Proven};
use super::ceremonies::{self, Errand};
use super::rules::Purpose;
use super::unproven::{Unproven, noted};
use crate::accounts::row::UserRow;
use crate::codes;
use crate::history::{self, Kind};
use crate::sessions::issue::AccessView;
use crate::sessions::row::SessionRow;
use crate::sessions::{self, Visitor};
use crate::state::State;

/// What the browser was shown.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "ticket": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "credential": super::view::shown_example(),
}))]
pub struct PasskeyStepUp {
    /// What came with the options.
    #[schema(min_length = 43, max_length = 43)]
    ticket: String,
    /// The `toJSON()` of what `navigator.credentials.get` gave.
    #[schema(value_type = Object)]
    credential: PublicKeyCredential,
}

/// For what is not done on a token alone: the session goes on as if it had been opened now, by a passkey. Other tokens
/// of it say what they said.
#[utoipa::path(tag = "auth", operation_id = "step_up_by_passkey", security(("bearer" = [])))]
#[post("/auth/step-up/passkey")]
pub async fn step_up(
    state: Data<State>,
    who: Caller,
    visitor: Visitor,
    body: Json<PasskeyStepUp>,
) -> Answer<AccessView> {
    let renewal = Renewal { state: &state, who: &who, visitor: &visitor, body: &body };
    let _turn = state.turns.of(&who.id).await;
    match renewal.enter().await {
        Ok((session, user)) => answer(AccessView::of(&session, &user, &state, state.clock.now())?),
        Err(unproven) => Err(noted(&state, &visitor, Some(who.identity.session), unproven).await.into()),
    }
}

struct Renewal<'a> {
    state: &'a State,
    who: &'a Caller,
    visitor: &'a Visitor,
    body: &'a PasskeyStepUp,
}

impl Renewal<'_> {
    async fn enter(&self) -> Result<(SessionRow, UserRow), Unproven> {
        let errand = Errand { purpose: Purpose::StepUp, user: Some(self.who.id) };
        let asked = ceremonies::take_now(self.state, &self.body.ticket, errand).await?;
        let asked = &asked;
        self.state.db.tx(async |tx: &mut Tx| self.write(tx, asked).await).await
    }

    async fn write(&self, tx: &mut Tx, asked: &Value) -> Result<(SessionRow, UserRow), Unproven> {
        let (session, gone) = (self.who.identity.session, || codes::unauthorized(&TOKEN_REVOKED));
        let assertion = Assertion { credential: &self.body.credential, asked, owner: Some(self.who.id) };
        let Proven { user, amr } = assertion.prove(tx, &self.state.relying_party).await?;
        if !user.is_active {
            return Err(gone().into());
        }
        let proven = sessions::prove(tx, user.id, session, &amr).await?.ok_or_else(gone)?;
        history::note(tx, Kind::SteppedUp, Some(user.id), Some(session), self.visitor).await?;
        Ok((proven, user))
    }
}
