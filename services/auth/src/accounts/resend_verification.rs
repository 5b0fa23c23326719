//! POST /auth/resend-verification: the link once more.

use db::Tx;
use problem::Problem;
use serde::{Deserialize, Serialize};
use server::{Accepted, Data, Json, accepted, post};
use utoipa::ToSchema;

use super::{mail_link, may_mail, queries, rules};
use crate::codes;
use crate::pace::Pace;
use crate::state::State;

/// Whose link.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "email": "ada@example.org" }))]
pub struct Resend {
    /// The address that was registered.
    #[schema(max_length = 255, format = Email)]
    email: String,
}

/// What is said whatever there is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Resent {
    /// Always true: a mail is on its way if the address waits for one.
    accepted: bool,
}

/// Mails a new link to an address that is not proven yet. The answer and its time are always the same.
#[utoipa::path(tag = "auth", operation_id = "resend_verification", security(()))]
#[post("/auth/resend-verification")]
pub async fn resend_verification(state: Data<State>, body: Json<Resend>) -> Accepted<Resent> {
    let pace = Pace::begin().await;
    let email = rules::address(&body.email).map_err(|unfit| codes::unfit(vec![("/email", unfit)]))?;
    may_mail(&state, email.as_str()).await?;
    let (state, email) = (&state, email.as_str());
    state.db.tx(async |tx: &mut Tx| resend(tx, state, email).await).await?;
    pace.even().await;
    accepted(Resent { accepted: true })
}

async fn resend(tx: &mut Tx, state: &State, email: &str) -> Result<(), Problem> {
    match queries::locked_at(tx, email).await? {
        Some(user) if user.is_active && !user.is_verified => mail_link(tx, &state.public_url, &user, None, None).await,
        _ => Ok(()),
    }
}
