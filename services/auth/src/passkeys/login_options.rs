//! POST /auth/passkeys/login/options: how a browser is asked for a passkey of whoever sits before it.

use server::{Answer, Data, answer, post};

use super::ceremonies::{self, Errand};
use super::rules::Purpose;
use super::view::AskedView;
use crate::state::State;

/// What to give `navigator.credentials.get`, and the ticket to send with its answer. Nobody is named: whom a passkey
/// belongs to, the device knows.
#[utoipa::path(tag = "auth", operation_id = "begin_passkey_login", security(()))]
#[post("/auth/passkeys/login/options")]
pub async fn login_options(state: Data<State>) -> Answer<AskedView> {
    let asked = state.relying_party.ask_for(&[])?;
    answer(ceremonies::begin(&state, Errand { purpose: Purpose::Login, user: None }, asked).await?)
}
