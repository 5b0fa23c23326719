//! POST /auth/passkeys/options: how a browser is asked to make a passkey.

use problem::Problem;
use serde::Deserialize;
use server::{Answer, Caller, Data, answer, post};
use utoipa::ToSchema;

use super::ceremonies::{self, Errand};
use super::queries;
use super::rules::{MOST, Purpose};
use super::view::AskedView;
use crate::accounts::owner::{self, Asker};
use crate::accounts::row::AccountRow;
use crate::codes;
use crate::devices::ShownDevice;
use crate::optional::OptionalJson;
use crate::sessions::Visitor;
use crate::state::State;

/// The proof that the account is the caller's.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "password": "sept-vaches-bleues" }))]
pub struct PasskeyWish {
    /// The current password; it may be left out within ten minutes of a login.
    #[schema(max_length = 128, format = Password)]
    #[garde(length(chars, max = 128))]
    password: Option<String>,
}

/// What to give `navigator.credentials.create`, and the ticket to send with its answer. A device that has a passkey of
/// this account makes no other.
#[utoipa::path(tag = "auth", operation_id = "begin_passkey", security(("bearer" = [])),
    request_body = Option<PasskeyWish>)]
#[post("/auth/passkeys/options")]
pub async fn options(
    state: Data<State>,
    who: Caller,
    visitor: Visitor,
    shown: ShownDevice,
    body: OptionalJson<PasskeyWish>,
) -> Answer<AskedView> {
    let account = owner::account(&state, who.id).await?;
    let password = body.0.as_ref().and_then(|body| body.password.as_deref());
    let asker = &Asker { who: &who, visitor: &visitor, shown: &shown };
    owner::again(&state, asker, &account.user, password).await?;
    answer(ask(&state, &account).await?)
}

async fn ask(state: &State, account: &AccountRow) -> Result<AskedView, Problem> {
    let user = &account.user;
    let own = queries::of_user(&mut *state.db.conn().await?, user.id).await?;
    let known: Vec<Vec<u8>> = own.into_iter().map(|row| row.credential_id).collect();
    if i64::try_from(known.len()).is_ok_and(|count| count >= MOST) {
        return Err(Problem::new(&codes::TOO_MANY_PASSKEYS).with("most", MOST));
    }
    let full_name = account.full_name();
    let called = full_name.as_deref().or(user.username.as_deref()).unwrap_or(&user.email);
    let asked = state.relying_party.ask_for_new(user, called, known)?;
    ceremonies::begin(state, Errand { purpose: Purpose::Register, user: Some(user.id) }, asked).await
}
