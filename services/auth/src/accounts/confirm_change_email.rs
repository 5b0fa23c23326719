//! POST /auth/change-email/confirm: the account has its new address. From a program as JSON, from the page as a form.

use actix_web::{HttpRequest, HttpResponse};
use contracts::auth::EmailChanged;
use db::{OnConstraint, Tx};
use problem::Problem;
use serde::{Deserialize, Serialize};
use server::{Data, JsonOrForm, Lang, Raw, Refusal, post};
use utoipa::ToSchema;

use super::notices::{self, Notice};
use super::rules::Purpose;
use super::{links, pages, queries, tell_proof, tell_whole_contact};
use crate::codes;
use crate::history::{self, Kind};
use crate::sessions::Visitor;
use crate::state::State;

/// The proof that the new address is the owner's.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }))]
pub struct Confirmation {
    /// The secret of the mailed link.
    #[schema(min_length = 43, max_length = 43)]
    token: String,
}

/// What a program is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct Confirmed {
    /// The address that the account has now.
    email: String,
}

/// Gives the account the address that this secret was mailed to, once and within a day. Its sessions go on.
#[utoipa::path(tag = "auth", operation_id = "confirm_change_email", security(()),
    request_body(content((Confirmation = "application/json"), (Confirmation = "application/x-www-form-urlencoded"))),
    responses((status = 200, description = "It has it; a form gets a page.", body = Confirmed)))]
#[post("/auth/change-email/confirm")]
pub async fn confirm_change_email(
    state: Data<State>,
    lang: Lang,
    visitor: Visitor,
    request: HttpRequest,
    body: JsonOrForm<Confirmation>,
) -> Result<Raw, Refusal> {
    let confirmed = confirm(&state, &visitor, &body.token).await;
    let plain = |email| HttpResponse::Ok().json(Confirmed { email });
    pages::outcome(&request, lang.0, confirmed, pages::address_changed, plain)
}

/// Gives an account the address that this secret was mailed to; answers it.
pub async fn confirm(state: &State, visitor: &Visitor, token: &str) -> Result<String, Problem> {
    let digest = links::digest(token)?;
    let digest = digest.as_slice();
    let _turn = state.turns.of(&digest).await;
    state.db.tx(async |tx: &mut Tx| change(tx, visitor, digest).await).await
}

/// An address that somebody else got meanwhile is no more told of than before.
async fn change(tx: &mut Tx, visitor: &Visitor, digest: &[u8]) -> Result<String, Problem> {
    let (link, before) = links::take(tx, digest, Purpose::ChangeEmail).await?;
    let now = tx.now();
    let changed = queries::readdress(tx, before.id, &link.email, now).await;
    let user = changed.on_constraint("users_email_key", &codes::TOKEN_INVALID)?;
    links::void_asked_for(tx, user.id).await?;
    outbox::emit(tx, &EmailChanged { user_id: user.id, sid: None }).await?;
    if !before.is_verified {
        tell_proof(tx, &user, visitor).await?;
    }
    tell_whole_contact(tx, &user).await?;
    for address in [&before.email, &user.email] {
        notices::mail(tx, Notice::EmailChanged, &user, address).await?;
    }
    history::note(tx, Kind::EmailChanged, Some(user.id), None, visitor).await?;
    Ok(user.email)
}
