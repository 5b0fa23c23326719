//! POST /auth/identities/{provider}: to a provider, to have it open the caller's account as well.

use problem::Problem;
use serde::Deserialize;
use server::{Caller, Data, Path, Raw, Refusal, post};
use utoipa::ToSchema;

use crate::accounts::owner::{self, Asker};
use crate::optional::OptionalJson;
use crate::providers::authorize::{Authorization, departed, refused, told};
use crate::providers::browser::Browser;
use crate::providers::journey::{Owner, Wish};
use crate::providers::rules::{self, Refused};
use crate::providers::{set_out, ticket};
use crate::state::State;

/// The proof that the account is the caller's, and where to be sent back to.
#[derive(Default, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "password": "sept-vaches-bleues" }))]
pub struct IdentityWish {
    /// The current password; it may be left out within ten minutes of a login.
    #[schema(max_length = 128, format = Password)]
    #[garde(length(chars, max = 128))]
    password: Option<String>,
    /// One of the registered addresses, exactly as it is registered; it gets `linked`, `link_code` or `error`.
    redirect_uri: Option<String>,
    /// The SHA-256 of a secret that the application keeps, in base64url: 43 characters. With it the address gets a
    /// `link_code`, to be confirmed within a minute, and a page of any site may ask.
    code_challenge: Option<String>,
    /// `S256`, which may be left out.
    code_challenge_method: Option<String>,
}

/// Says where the caller shows a provider who he is, within ten minutes. The provider opens his account from then on:
/// without a `code_challenge` as soon as he is back in the browser that keeps the cookie of this answer; with one when the
/// application that set out confirms it. Then it is an address of ours, to which the browser itself goes within a minute.
#[utoipa::path(tag = "auth", operation_id = "link_identity", security(("bearer" = [])),
    params(("id" = String, Path, description = "The provider's name.")), request_body = Option<IdentityWish>,
    responses((status = 200, description = "Where to go.", body = Authorization)))]
#[post("/auth/identities/{id}")]
pub async fn link(
    state: Data<State>,
    who: Caller,
    provider: Path<String>,
    browser: Browser,
    body: OptionalJson<IdentityWish>,
) -> Result<Raw, Refusal> {
    state.providers.named(&provider)?;
    let asked = body.0.unwrap_or_default();
    let wish = asked.wish(state.providers.redirect_uris())?;
    let user = owner::account(&state, who.id).await?.user;
    let asker = &Asker { who: &who, visitor: &browser.visitor, shown: &browser.shown };
    owner::again(&state, asker, &user, asked.password.as_deref()).await?;
    let wish = Wish { owner: Some(Owner { user: who.id, session: who.identity.session }), ..wish };
    if wish.code_challenge.is_some() {
        return Ok(told(ticket::issue(&state, &provider, wish)?));
    }
    Ok(departed(&set_out(&state, &provider, wish).await?, false))
}

impl IdentityWish {
    fn wish(&self, listed: &[String]) -> Result<Wish, Problem> {
        let Self { redirect_uri, code_challenge, code_challenge_method, .. } = self;
        if code_challenge.is_none() && code_challenge_method.is_none() {
            if let Some(uri) = redirect_uri {
                rules::is_listed(listed, uri).map_err(refused)?;
            }
            return Ok(Wish { redirect_uri: redirect_uri.clone(), ..Wish::default() });
        }
        let method = code_challenge_method.as_deref();
        let destination = rules::destination(listed, redirect_uri.as_deref(), code_challenge.as_deref(), method);
        let destination = destination.map_err(refused)?.ok_or_else(|| refused(Refused::NoChallenge))?;
        let (redirect_uri, code_challenge) = (Some(destination.redirect_uri), Some(destination.code_challenge));
        Ok(Wish { redirect_uri, code_challenge, owner: None })
    }
}
