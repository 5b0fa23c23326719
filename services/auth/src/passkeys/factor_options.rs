//! POST /auth/mfa/passkey/options: how a browser is asked for a passkey after the password was right.

use problem::Problem;
use serde::Deserialize;
use server::{Answer, Data, Json, answer, post};
use utoipa::ToSchema;

use super::ceremonies::{self, Errand};
use super::rules::Purpose;
use super::view::AskedView;
use crate::challenges;
use crate::codes;
use crate::secrets::Token;
use crate::state::State;

/// The challenge.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "mfa_token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }))]
pub struct PasskeyFactorWish {
    /// What the login answered.
    #[schema(min_length = 43, max_length = 43)]
    mfa_token: String,
}

/// What to give `navigator.credentials.get` for a login that was answered `mfa_required`. The newest alone counts; its
/// answer is sent with the same `mfa_token`.
#[utoipa::path(tag = "auth", operation_id = "begin_passkey_factor", security(()))]
#[post("/auth/mfa/passkey/options")]
pub async fn factor_options(state: Data<State>, body: Json<PasskeyFactorWish>) -> Answer<AskedView> {
    answer(ask(&state, &body.mfa_token).await?)
}

async fn ask(state: &State, mfa_token: &str) -> Result<AskedView, Problem> {
    let ticket = Token::read(mfa_token).ok_or_else(|| codes::unauthorized(&codes::MFA_INVALID))?;
    let user = challenges::owner_of(&mut *state.db.conn().await?, mfa_token, state.clock.now()).await?;
    let asked = super::ask_owner(state, user).await?;
    ceremonies::begin_with(state, &ticket, Errand { purpose: Purpose::SecondFactor, user: Some(user) }, asked).await
}
