//! POST /auth/forgot-password: a link to set a new password by, mailed to the account's owner.

use db::Tx;
use problem::Problem;
use serde::Deserialize;
use server::{Accepted, Data, Json, accepted, post};
use utoipa::ToSchema;

use super::view::PromiseView;
use super::{links, may_mail, queries, rules};
use crate::codes;
use crate::pace::Pace;
use crate::state::State;

/// Whose password.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "email": "ada@example.org" }))]
pub struct Forgotten {
    /// The address of the account.
    #[schema(max_length = 255, format = Email)]
    email: String,
}

/// Mails a link to set a new password by, good for an hour. The answer and its time are always the same.
#[utoipa::path(tag = "auth", operation_id = "forgot_password", security(()))]
#[post("/auth/forgot-password")]
pub async fn forgot_password(state: Data<State>, body: Json<Forgotten>) -> Accepted<PromiseView> {
    let pace = Pace::begin().await;
    let email = rules::address(&body.email).map_err(|unfit| codes::unfit(vec![("/email", unfit)]))?;
    may_mail(&state, email.as_str()).await?;
    let (state, email) = (&state, email.as_str());
    let turn = state.turns.of(&email).await;
    state.db.tx(async |tx: &mut Tx| remind(tx, state, email).await).await?;
    drop(turn);
    pace.even().await;
    accepted(PromiseView::given())
}

/// A new link makes the older ones void.
async fn remind(tx: &mut Tx, state: &State, email: &str) -> Result<(), Problem> {
    let Some(user) = queries::locked_at(tx, email).await?.filter(|user| user.is_active) else { return Ok(()) };
    links::mail_reset(tx, &state.public_url, &user).await
}
