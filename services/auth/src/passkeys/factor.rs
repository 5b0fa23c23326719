//! POST /auth/mfa/passkey: a session for a passkey, after the password.

use contracts::UserId;
use db::Tx;
use problem::Problem;
use serde::Deserialize;
use server::{Answer, Data, Json, post};
use utoipa::ToSchema;
use webauthn_rs::prelude::PublicKeyCredential;

use super::assertion::{Assertion, Proven};
use super::ceremonies::{self, Errand};
use super::rules::Purpose;
use super::unproven::{Refused, Unproven, note_failed_login};
use crate::challenges;
use crate::devices::ShownDevice;
use crate::sessions::Visitor;
use crate::sessions::begin::Begun;
use crate::sessions::issue::TokensView;
use crate::state::State;

/// The challenge, and what the browser was shown.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "mfa_token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "credential": super::view::shown_example(),
}))]
pub struct PasskeyFactor {
    /// What the login answered.
    #[schema(min_length = 43, max_length = 43)]
    mfa_token: String,
    /// The `toJSON()` of what `navigator.credentials.get` gave.
    #[schema(value_type = Object)]
    credential: PublicKeyCredential,
}

/// Opens the session of a login that was answered `mfa_required`, by a passkey of its account. It is one of the five
/// tries that a challenge has.
#[utoipa::path(tag = "auth", operation_id = "verify_passkey_factor", security(()))]
#[post("/auth/mfa/passkey")]
pub async fn factor(
    state: Data<State>,
    visitor: Visitor,
    shown: ShownDevice,
    body: Json<PasskeyFactor>,
) -> Answer<TokensView> {
    let attempt = Attempt { state: &state, visitor: &visitor, shown: &shown, body: &body };
    let _turn = state.turns.of(&body.mfa_token).await;
    let begun = state.db.tx(async |tx: &mut Tx| attempt.enter(tx).await).await?;
    begun.map_err(Refused::problem)?.answer(&state)
}

struct Attempt<'a> {
    state: &'a State,
    visitor: &'a Visitor,
    shown: &'a ShownDevice,
    body: &'a PasskeyFactor,
}

impl Attempt<'_> {
    /// What is refused is committed as well: the try was counted, and the failure is noted.
    async fn enter(&self, tx: &mut Tx) -> Result<Result<Begun, Refused>, Problem> {
        let challenge = challenges::locked(tx, &self.body.mfa_token).await?;
        match self.prove(tx, challenge.user_id).await {
            Ok(Proven { amr: [key, user, _], .. }) => {
                let begun = challenge.complete(tx, self.state, self.visitor, self.shown, &[key, user]).await?;
                Ok(Ok(begun))
            }
            Err(Unproven::Refused(refused)) => {
                let id = self.body.credential.get_credential_id();
                note_failed_login(tx, self.state, self.visitor, &refused, id).await?;
                Ok(Err(refused))
            }
            Err(Unproven::Hindered(problem)) => Err(problem),
        }
    }

    async fn prove(&self, tx: &mut Tx, user: UserId) -> Result<Proven, Unproven> {
        let (errand, now) = (Errand { purpose: Purpose::SecondFactor, user: Some(user) }, tx.now());
        let asked = &ceremonies::take(tx, &self.body.mfa_token, errand, now).await?;
        let assertion = Assertion { credential: &self.body.credential, asked, owner: Some(user) };
        assertion.prove(tx, &self.state.relying_party).await
    }
}
