//! DELETE /auth/identities/{id}: the provider does not open the account any more.

use contracts::auth::IdentityUnlinked;
use contracts::{IdentityId, SessionId, UserId};
use db::Tx;
use problem::Problem;
use problem::codes::{NOT_FOUND, TOKEN_REVOKED};
use serde::Deserialize;
use server::{Caller, Data, NoContent, Path, delete, no_content};
use utoipa::ToSchema;

use super::queries;
use super::rules::{self, Left};
use crate::accounts::notices::{self, Notice};
use crate::accounts::owner::{self, Asker};
use crate::codes;
use crate::codes::providers::LAST_CREDENTIAL;
use crate::history::{self, Kind};
use crate::optional::OptionalJson;
use crate::providers::browser::Browser;
use crate::sessions::Visitor;
use crate::state::State;
use crate::{accounts, factors};

/// The proof that the account is the caller's.
#[derive(Default, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "password": "sept-vaches-bleues" }))]
pub struct UnlinkProof {
    /// The current password; it may be left out within ten minutes of a login.
    #[schema(max_length = 128, format = Password)]
    #[garde(length(chars, max = 128))]
    password: Option<String>,
}

/// Takes an identity off the caller's account, unless nothing else opens it. Sessions go on.
#[utoipa::path(tag = "auth", operation_id = "unlink_identity", security(("bearer" = [])),
    params(("id" = IdentityId, Path, description = "The identity.")), request_body = Option<UnlinkProof>)]
#[delete("/auth/identities/{id}")]
pub async fn unlink(
    state: Data<State>,
    who: Caller,
    browser: Browser,
    id: Path<IdentityId>,
    body: OptionalJson<UnlinkProof>,
) -> NoContent {
    let user = owner::account(&state, who.id).await?.user;
    let password = body.0.unwrap_or_default().password;
    let visitor = &browser.visitor;
    let asker = &Asker { who: &who, visitor, shown: &browser.shown };
    owner::again(&state, asker, &user, password.as_deref()).await?;
    let farewell = &Farewell { state: &state, user: who.id, session: who.identity.session, visitor, id: id.0 };
    state.db.tx(async |tx: &mut Tx| farewell.write(tx).await).await?;
    no_content()
}

/// All that it writes.
struct Farewell<'a> {
    state: &'a State,
    user: UserId,
    session: SessionId,
    visitor: &'a Visitor,
    id: IdentityId,
}

impl Farewell<'_> {
    /// The account is locked, so that of its last two ways in only one goes.
    async fn write(&self, tx: &mut Tx) -> Result<(), Problem> {
        let user = accounts::locked(tx, self.user).await?.ok_or_else(|| codes::unauthorized(&TOKEN_REVOKED))?;
        let all = queries::of_user(tx, user.id).await?;
        let identity = all.iter().find(|row| row.id == self.id).ok_or_else(|| Problem::new(&NOT_FOUND))?;
        let issuers = self.state.providers.issuers();
        let opening = queries::count(tx, user.id, &issuers).await?;
        let left = Left {
            password: user.password_hash.is_some(),
            passkeys: factors::of(tx, user.id).await?.passkeys,
            identities: opening - i64::from(issuers.contains(&identity.issuer)),
        };
        if rules::is_last(&left) {
            return Err(Problem::new(&LAST_CREDENTIAL));
        }
        queries::delete(tx, user.id, identity.id).await?;
        let provider = identity.provider.clone();
        let unlinked = IdentityUnlinked { user_id: user.id, identity_id: identity.id, provider, sid: self.session };
        outbox::emit(tx, &unlinked).await?;
        history::note(tx, Kind::IdentityUnlinked, Some(user.id), Some(self.session), self.visitor).await?;
        let title = self.state.providers.title(&identity.provider);
        notices::of_provider(tx, Notice::IdentityUnlinked, &user, title).await?;
        Ok(())
    }
}
