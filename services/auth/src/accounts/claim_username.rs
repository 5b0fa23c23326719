//! PUT /auth/username: a name of one's own. users calls it in its caller's name before it writes the profile.

use contracts::UserId;
use db::{OnConstraint, Tx};
use problem::{Problem, codes::TOKEN_REVOKED};
use serde::Deserialize;
use server::{Answer, AnswerExt, Caller, Data, IfMatch, Json, answer, put};
use utoipa::ToSchema;

use super::row::AccountRow;
use super::view::AccountView;
use super::{queries, rules, shared_whole, tell_contact};
use crate::codes;
use crate::state::State;

/// The name.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "username": "ada.lovelace" }))]
pub struct Claim {
    /// The name; capitals are taken for small letters.
    #[schema(min_length = 3, max_length = 50, pattern = "^[a-z0-9_.]+$")]
    username: String,
}

/// Gives the caller's account a name. Claiming the one it has changes nothing.
#[utoipa::path(tag = "auth", operation_id = "claim_username", security(("bearer" = [])),
    params(("If-Match" = Option<String>, Header, description = "The ETag that /auth/me was read with.")))]
#[put("/auth/username")]
pub async fn claim_username(
    state: Data<State>,
    who: Caller,
    expected: IfMatch,
    body: Json<Claim>,
) -> Answer<AccountView> {
    let username = rules::username(&body.username).map_err(|unfit| codes::unfit(vec![("/username", unfit)]))?;
    let (username, expected) = (username.as_str(), &expected);
    let account = state.db.tx(async |tx: &mut Tx| claim(tx, who.id, username, expected).await).await?;
    let version = account.version();
    answer(AccountView::from(account)).etag(version)
}

async fn claim(tx: &mut Tx, user: UserId, username: &str, expected: &IfMatch) -> Result<AccountRow, Problem> {
    let gone = || codes::unauthorized(&TOKEN_REVOKED);
    let current = queries::locked(tx, user).await?.ok_or_else(gone)?;
    let mut account = shared_whole(tx, user).await?.ok_or_else(gone)?;
    expected.allows(account.version())?;
    if current.username.as_deref() == Some(username) {
        return Ok(account);
    }
    let now = tx.now();
    let renamed = queries::rename(tx, user, username, now).await;
    account.user = renamed.on_constraint("users_username_key", &codes::USERNAME_TAKEN)?;
    tell_contact(tx, &account.user, account.full_name()).await?;
    Ok(account)
}
