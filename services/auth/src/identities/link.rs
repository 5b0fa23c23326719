//! POST /auth/identities/{provider}: to a provider, to have it open the caller's account as well.

use serde::Deserialize;
use server::{Caller, Data, Path, Raw, Refusal, post};
use utoipa::ToSchema;

use crate::accounts::owner::{self, Asker};
use crate::optional::OptionalJson;
use crate::providers::authorize::{Authorization, departed, refused};
use crate::providers::browser::Browser;
use crate::providers::journey::{Owner, Wish};
use crate::providers::{rules, set_out};
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
    /// One of the registered addresses, exactly as it is registered; it gets `linked` or `error`.
    redirect_uri: Option<String>,
}

/// Says where the caller shows a provider who he is, within ten minutes and in this browser. The provider opens his
/// account from then on.
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
    let IdentityWish { password, redirect_uri } = body.0.unwrap_or_default();
    if let Some(uri) = &redirect_uri {
        rules::is_listed(state.providers.redirect_uris(), uri).map_err(refused)?;
    }
    let user = owner::account(&state, who.id).await?.user;
    let asker = &Asker { who: &who, visitor: &browser.visitor, shown: &browser.shown };
    owner::again(&state, asker, &user, password.as_deref()).await?;
    let owner = Owner { user: who.id, session: who.identity.session };
    let departure = set_out(&state, &provider, Wish { redirect_uri, code_challenge: None, owner: Some(owner) }).await?;
    Ok(departed(&departure, false))
}
