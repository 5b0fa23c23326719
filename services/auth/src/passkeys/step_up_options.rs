//! POST /auth/step-up/passkey/options: how a browser is asked for a passkey once more.

use server::{Answer, Caller, Data, answer, post};

use super::ceremonies::{self, Errand};
use super::rules::Purpose;
use super::view::AskedView;
use crate::state::State;

/// What to give `navigator.credentials.get` for who is signed in and shows once more that the account is his, and the
/// ticket to send with its answer.
#[utoipa::path(tag = "auth", operation_id = "begin_passkey_step_up", security(("bearer" = [])))]
#[post("/auth/step-up/passkey/options")]
pub async fn step_up_options(state: Data<State>, who: Caller) -> Answer<AskedView> {
    let asked = super::ask_owner(&state, who.id).await?;
    let errand = Errand { purpose: Purpose::StepUp, user: Some(who.id) };
    answer(ceremonies::begin(&state, errand, asked).await?)
}
