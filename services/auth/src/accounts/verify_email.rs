//! POST /auth/verify-email: the address is proven. From a program as JSON, from the page's button as a form.

use actix_web::{HttpRequest, HttpResponse};
use db::Tx;
use problem::Problem;
use serde::{Deserialize, Serialize};
use server::{Data, JsonOrForm, Lang, Raw, Refusal, post};
use utoipa::ToSchema;

use super::eviction::evict;
use super::rules::Purpose;
use super::{links, pages, queries, tell_proof, tell_whole_contact};
use crate::revocations::Ended;
use crate::sessions::Visitor;
use crate::state::State;

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
    let plain = |()| HttpResponse::Ok().json(Verified { verified: true });
    pages::outcome(&request, lang.0, proven, pages::verified, plain)
}

/// Proves the address that this secret was mailed to.
pub async fn prove(state: &State, visitor: &Visitor, token: &str) -> Result<(), Problem> {
    let digest = links::digest(token)?;
    let digest = digest.as_slice();
    let _turn = state.turns.of(&digest).await;
    let ended = state.db.tx(async |tx: &mut Tx| consume(tx, visitor, digest).await).await?;
    ended.tell(state);
    Ok(())
}

async fn consume(tx: &mut Tx, visitor: &Visitor, digest: &[u8]) -> Result<Ended, Problem> {
    let (link, user) = links::take(tx, digest, Purpose::VerifyEmail).await?;
    if user.is_verified {
        return Ok(Ended::default());
    }
    let now = tx.now();
    let user = queries::verify(tx, user.id, link.password_hash.as_deref(), now).await?;
    tell_proof(tx, &user, visitor).await?;
    tell_whole_contact(tx, &user).await?;
    if link.password_hash.is_none() {
        return Ok(Ended::default());
    }
    // Whoever chose the password before did not own the address.
    Ok(evict(tx, user.id).await?)
}
