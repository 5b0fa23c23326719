//! POST /auth/link-identity: the identity that asked for it opens the account. From a program as JSON, from the page as a
//! form.

use actix_web::{HttpRequest, HttpResponse};
use contracts::Language;
use db::Tx;
use problem::Problem;
use serde::{Deserialize, Serialize};
use server::{Data, JsonOrForm, Raw, Refusal, post};
use utoipa::ToSchema;

use super::attaching::{Attachment, attached};
use super::row::RequestRow;
use super::{Arrival, queries};
use crate::accounts::rules::Purpose;
use crate::accounts::{guests, links, pages};
use crate::codes::TOKEN_INVALID;
use crate::codes::providers::OTHER_BROWSER;
use crate::providers::browser::Browser;
use crate::revocations::Ended;
use crate::state::State;

/// The proof that the address is the caller's.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }))]
pub struct LinkConfirmation {
    /// The secret of the mailed link.
    #[schema(min_length = 43, max_length = 43)]
    token: String,
}

/// What a program is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkConfirmed {
    /// Always true.
    linked: bool,
}

/// Attaches the identity that this secret was mailed for, once, within an hour, and in the browser that asked for it.
/// Where nobody had proven the address before, its password and sessions are void.
#[utoipa::path(tag = "auth", operation_id = "confirm_link_identity", security(()),
    request_body(content((LinkConfirmation = "application/json"),
        (LinkConfirmation = "application/x-www-form-urlencoded"))),
    responses((status = 200, description = "It is attached; a form gets a page.", body = LinkConfirmed)))]
#[post("/auth/link-identity")]
pub async fn confirm(
    state: Data<State>,
    browser: Browser,
    request: HttpRequest,
    body: JsonOrForm<LinkConfirmation>,
) -> Result<Raw, Refusal> {
    let confirmed = confirmed(&state, &browser, &body.token).await;
    let plain = |()| HttpResponse::Ok().json(LinkConfirmed { linked: true });
    pages::outcome(&request, browser.language, confirmed, pages::identity_linked, plain)
}

/// Attaches the identity that this secret was mailed for.
pub async fn confirmed(state: &State, browser: &Browser, token: &str) -> Result<(), Problem> {
    let digest = links::digest(token)?;
    let digest = digest.as_slice();
    let _turn = state.turns.of(&digest).await;
    let ended = state.db.tx(async |tx: &mut Tx| write(tx, state, browser, digest).await).await?;
    ended.tell(state);
    Ok(())
}

/// A link that is opened elsewhere stays as it was.
async fn write(tx: &mut Tx, state: &State, browser: &Browser, digest: &[u8]) -> Result<Ended, Problem> {
    let (_, before) = links::take(tx, digest, Purpose::LinkIdentity).await?;
    let request = queries::request(tx, digest).await?.ok_or_else(|| Problem::new(&TOKEN_INVALID))?;
    if browser.request.as_ref().map(|token| token.digest()) != Some(request.browser_hash.clone()) {
        return Err(Problem::new(&OTHER_BROWSER));
    }
    let visitor = &browser.visitor;
    let (user, ended) = match before.is_verified {
        true => (before, Ended::default()),
        false => guests::prove(tx, &before, visitor).await?,
    };
    let arrival = of(request, user.language());
    let title = Some(state.providers.title(&arrival.provider));
    attached(tx, Attachment { arrival: &arrival, user: &user, session: None, visitor, title }).await?;
    Ok(ended)
}

/// Nothing that the provider only said is believed.
fn of(request: RequestRow, language: Language) -> Arrival {
    let RequestRow { provider, issuer, subject, .. } = request;
    Arrival { provider, issuer, subject, email: None, email_verified: false, full_name: None, picture: None, language }
}
