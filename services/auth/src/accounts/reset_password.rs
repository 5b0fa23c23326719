//! POST /auth/reset-password: a new password by the mailed link. From a program as JSON, from the page as a form.

use actix_web::{HttpRequest, HttpResponse};
use contracts::auth::PasswordResetCompleted;
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
    "token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "new_password": "huit-chevaux-verts",
}))]
pub struct Reset {
    /// The secret of the mailed link.
    #[schema(min_length = 43, max_length = 43)]
    token: String,
    /// 8 to 128 characters, none of those that everybody tries first.
    #[schema(min_length = 8, max_length = 128, format = Password)]
    new_password: String,
}

/// Sets a new password by the secret that was mailed, once and within an hour. It proves the address, and ends all
/// sessions of the account. A password that is refused leaves the link as it was.
#[utoipa::path(tag = "auth", operation_id = "reset_password", security(()),
    request_body(content((Reset = "application/json"), (Reset = "application/x-www-form-urlencoded"))),
    responses((status = 204, description = "It is set; a form gets a page.")))]
#[post("/auth/reset-password")]
pub async fn reset_password(
    state: Data<State>,
    lang: Lang,
    visitor: Visitor,
    request: HttpRequest,
    body: JsonOrForm<Reset>,
) -> Result<Raw, Refusal> {
    let done = reset(&state, &visitor, &body.token, &body.new_password).await;
    match &done {
        Err(weak) if weak.status() == 422 && pages::came_from_a_page(&request) => {
            Ok(pages::new_password(lang.0, &body.token, Some(weak)))
        }
        _ => pages::outcome(&request, lang.0, done, pages::password_set, |()| HttpResponse::NoContent().finish()),
    }
}

/// Sets the password of the account that this secret was mailed for. Only a link that works is worth a hash.
pub async fn reset(state: &State, visitor: &Visitor, token: &str, password: &str) -> Result<(), Problem> {
    let digest = links::digest(token)?;
    let digest = digest.as_slice();
    let _turn = state.turns.of(&digest).await;
    let mut conn = state.db.conn().await?;
    let account = links::account(&mut conn, digest, Purpose::ResetPassword, state.clock.now()).await?;
    drop(conn);
    let weak = |weak| codes::weak_at("/new_password", weak);
    state.passwords.check(password, &account.own_words()).map_err(weak)?;
    let hash = state.hasher.hash(password).await?;
    let hash = hash.as_str();
    let ended = state.db.tx(async |tx: &mut Tx| set(tx, visitor, digest, hash).await).await?;
    ended.tell(state);
    Ok(())
}

async fn set(tx: &mut Tx, visitor: &Visitor, digest: &[u8], password_hash: &str) -> Result<Ended, Problem> {
    let (_, user) = links::take(tx, digest, Purpose::ResetPassword).await?;
    let now = tx.now();
    let (user, ended) = if user.is_verified {
        let user = queries::set_password(tx, user.id, password_hash, now).await?;
        let ended = shut_out(tx, user.id).await?;
        (user, ended)
    } else {
        let user = queries::verify(tx, user.id, Some(password_hash), now).await?;
        tell_proof(tx, &user, visitor).await?;
        tell_whole_contact(tx, &user).await?;
        let ended = evict(tx, user.id).await?;
        (user, ended)
    };
    outbox::emit(tx, &PasswordResetCompleted { user_id: user.id, sid: None }).await?;
    notices::mail(tx, Notice::PasswordChanged, &user, &user.email).await?;
    history::note(tx, Kind::PasswordReset, Some(user.id), None, visitor).await?;
    Ok(ended)
}
