//! POST /auth/verify-email: the address is proven. From a program as JSON, from the page's button as a form.

use actix_web::HttpRequest;
use contracts::auth::UserEmailVerified;
use db::Tx;
use problem::Problem;
use serde::{Deserialize, Serialize};
use server::{Data, JsonOrForm, Lang, Raw, Refusal, post};
use utoipa::ToSchema;

use super::rules::{self, Dead, Link};
use super::{VERIFY_EMAIL, pages, queries, tell_contact};
use crate::history::{self, Kind};
use crate::revocations::Ended;
use crate::secrets::Token;
use crate::sessions::{self, EndReason, Which};
use crate::state::State;
use crate::{codes, sessions::Visitor};

/// The proof.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }))]
pub struct Proof {
    /// The secret of the mailed link.
    #[schema(min_length = 43, max_length = 43)]
    token: String,
}

/// What a program is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct Verified {
    /// Always true.
    verified: bool,
}

/// Proves an address by the secret that was mailed to it, once and within a day.
#[utoipa::path(tag = "auth", operation_id = "verify_email", security(()),
    request_body(content((Proof = "application/json"), (Proof = "application/x-www-form-urlencoded"))),
    responses((status = 200, description = "It is proven; a form gets a page.", body = Verified)))]
#[post("/auth/verify-email")]
pub async fn verify_email(
    state: Data<State>,
    lang: Lang,
    visitor: Visitor,
    request: HttpRequest,
    body: JsonOrForm<Proof>,
) -> Result<Raw, Refusal> {
    let proven = prove(&state, &visitor, &body.token).await;
    if !pages::came_from_a_page(&request) {
        return proven.map(|()| Raw(actix_web::HttpResponse::Ok().json(Verified { verified: true }))).map_err(Refusal);
    }
    match proven {
        Ok(()) => Ok(pages::verified(lang.0)),
        Err(problem) if problem.status() < 500 => Ok(pages::refused(lang.0, &problem)),
        Err(problem) => Err(problem.into()),
    }
}

/// Proves the address that this secret was mailed to.
pub async fn prove(state: &State, visitor: &Visitor, token: &str) -> Result<(), Problem> {
    let digest = Token::read(token).ok_or_else(|| Problem::new(&codes::TOKEN_INVALID))?.digest();
    let digest = digest.as_slice();
    let _turn = state.turns.of(&digest).await;
    let ended = state.db.tx(async |tx: &mut Tx| consume(tx, visitor, digest).await).await?;
    ended.tell(state);
    Ok(())
}

async fn consume(tx: &mut Tx, visitor: &Visitor, digest: &[u8]) -> Result<Ended, Problem> {
    let invalid = || Problem::new(&codes::TOKEN_INVALID);
    let now = tx.now();
    let link = queries::locked_link(tx, digest, VERIFY_EMAIL).await?.ok_or_else(invalid)?;
    let user = queries::locked(tx, link.user_id).await?.ok_or_else(invalid)?;
    let proof = Link { email: &link.email, expires_at: link.expires_at.0, used: link.used_at.is_some() };
    rules::proves(&proof, &user.email, now).map_err(|dead| match dead {
        Dead::Invalid => invalid(),
        Dead::Expired => Problem::new(&codes::LINK_EXPIRED),
    })?;
    queries::use_link(tx, digest, now).await?;
    if user.is_verified {
        return Ok(Ended::default());
    }
    let user = queries::verify(tx, user.id, link.password_hash.as_deref(), now).await?;
    outbox::emit(tx, &UserEmailVerified { user_id: user.id, via: "link".into() }).await?;
    let name = queries::whole(tx, user.id).await?.and_then(|account| account.full_name());
    tell_contact(tx, &user, name).await?;
    history::note(tx, Kind::EmailVerified, Some(user.id), None, visitor).await?;
    // Whoever chose the password before did not own the address.
    let before = if link.password_hash.is_some() { Which::All } else { Which::None };
    Ok(sessions::end(tx, user.id, before, EndReason::Credential).await?)
}
