//! POST /auth/accept-invitation: the first password by the mailed link. From a program as JSON, from the page as a form.

use actix_web::{HttpRequest, HttpResponse};
use db::Tx;
use problem::Problem;
use serde::Deserialize;
use server::{Data, JsonOrForm, Lang, Raw, Refusal, post};
use utoipa::ToSchema;

use super::eviction::{evict, shut_out};
use super::notices::{self, Notice};
use super::rules::Purpose;
use super::{links, pages, queries, tell_proof, tell_whole_contact};
use crate::codes;
use crate::history::{self, Kind};
use crate::revocations::Ended;
use crate::sessions::Visitor;
use crate::state::State;

/// The secret and what it is for.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "password": "sept-vaches-bleues",
}))]
pub struct Acceptance {
    /// The secret of the mailed link.
    #[schema(min_length = 43, max_length = 43)]
    token: String,
    /// 8 to 128 characters, none of those that everybody tries first.
    #[schema(min_length = 8, max_length = 128, format = Password)]
    password: String,
}

/// Chooses the first password of an account that an administrator made, by the secret that was mailed, once and within
/// seven days. It proves the address. A password that is refused leaves the link as it was.
#[utoipa::path(tag = "auth", operation_id = "accept_invitation", security(()),
    request_body(content((Acceptance = "application/json"), (Acceptance = "application/x-www-form-urlencoded"))),
    responses((status = 204, description = "It is chosen; a form gets a page.")))]
#[post("/auth/accept-invitation")]
pub async fn accept_invitation(
    state: Data<State>,
    lang: Lang,
    visitor: Visitor,
    request: HttpRequest,
    body: JsonOrForm<Acceptance>,
) -> Result<Raw, Refusal> {
    let done = accept(&state, &visitor, &body.token, &body.password).await;
    match &done {
        Err(weak) if weak.status() == 422 && pages::came_from_a_page(&request) => {
            Ok(pages::first_password(lang.0, &body.token, Some(weak)))
        }
        _ => pages::outcome(&request, lang.0, done, pages::password_set, |()| HttpResponse::NoContent().finish()),
    }
}

/// Sets the first password of the account that this secret was mailed for. Only a link that works is worth a hash.
pub async fn accept(state: &State, visitor: &Visitor, token: &str, password: &str) -> Result<(), Problem> {
    let digest = links::digest(token)?;
    let digest = digest.as_slice();
    let _turn = state.turns.of(&digest).await;
    let mut conn = state.db.conn().await?;
    let account = links::account(&mut conn, digest, Purpose::Invitation, state.clock.now()).await?;
    drop(conn);
    state.passwords.check(password, &account.own_words()).map_err(codes::weak)?;
    let hash = state.hasher.hash(password).await?;
    let hash = hash.as_str();
    let ended = state.db.tx(async |tx: &mut Tx| set(tx, visitor, digest, hash).await).await?;
    ended.tell(state);
    Ok(())
}

/// An account whose address is proven may be entered otherwise by now: then it is as with any other new password.
async fn set(tx: &mut Tx, visitor: &Visitor, digest: &[u8], password_hash: &str) -> Result<Ended, Problem> {
    let (_, user) = links::take(tx, digest, Purpose::Invitation).await?;
    let now = tx.now();
    let ended = if user.is_verified {
        let user = queries::set_password(tx, user.id, password_hash, now).await?;
        notices::mail(tx, Notice::PasswordChanged, &user, &user.email).await?;
        shut_out(tx, user.id).await?
    } else {
        let user = queries::verify(tx, user.id, Some(password_hash), now).await?;
        tell_proof(tx, &user, visitor).await?;
        tell_whole_contact(tx, &user).await?;
        evict(tx, user.id).await?
    };
    history::note(tx, Kind::InvitationAccepted, Some(user.id), None, visitor).await?;
    Ok(ended)
}
