//! POST /auth/change-password: another password, by the current one.

use contracts::SessionId;
use contracts::auth::PasswordChanged;
use db::Tx;
use problem::Problem;
use serde::Deserialize;
use server::{Caller, Data, Json, NoContent, no_content, post};
use utoipa::ToSchema;

use super::notices::{self, Notice};
use super::owner::{self, Asker};
use super::row::UserRow;
use super::{links, queries};
use crate::codes;
use crate::devices::ShownDevice;
use crate::history::{self, Kind};
use crate::passwords::{Weak, hasher::folded};
use crate::revocations::Ended;
use crate::sessions::{self, EndReason, Visitor, Which};
use crate::state::State;

/// Both passwords.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "current_password": "sept-vaches-bleues", "new_password": "huit-chevaux-verts" }))]
pub struct PasswordChange {
    /// The one it is now.
    #[schema(max_length = 128, format = Password)]
    #[garde(length(chars, max = 128))]
    current_password: String,
    /// 8 to 128 characters, none of those that everybody tries first, and not the current one.
    #[schema(min_length = 8, max_length = 128, format = Password)]
    new_password: String,
}

/// Changes the password of the caller's account. All its other sessions end.
#[utoipa::path(tag = "auth", operation_id = "change_password", security(("bearer" = [])))]
#[post("/auth/change-password")]
pub async fn change_password(
    state: Data<State>,
    who: Caller,
    visitor: Visitor,
    shown: ShownDevice,
    body: Json<PasswordChange>,
) -> NoContent {
    let (current, new) = (body.current_password.as_str(), body.new_password.as_str());
    let account = owner::account(&state, who.id).await?;
    let weak = |weak| codes::weak_at("/new_password", weak);
    state.passwords.check(new, &account.own_words()).map_err(weak)?;
    let asker = &Asker { who: &who, visitor: &visitor, shown: &shown };
    owner::by_password(&state, asker, &account.user, current).await?;
    if folded(new) == folded(current) {
        return Err(weak(Weak::Unchanged).into());
    }
    let password_hash = state.hasher.hash(new).await?;
    let (known, session) = (&account.user, who.identity.session);
    let change = &Change { known, session, visitor: &visitor, password_hash: &password_hash };
    let _turn = state.turns.of(&who.id).await;
    let ended = state.db.tx(async |tx: &mut Tx| change.write(tx).await).await?;
    ended.tell(&state);
    no_content()
}

/// All that a change writes.
struct Change<'a> {
    /// The account whose password was checked.
    known: &'a UserRow,
    session: SessionId,
    visitor: &'a Visitor,
    password_hash: &'a str,
}

impl Change<'_> {
    /// Nothing, if the password was changed since it was checked.
    async fn write(&self, tx: &mut Tx) -> Result<Ended, Problem> {
        let now = tx.now();
        let same = queries::locked(tx, self.known.id).await?;
        let same = same.filter(|user| user.is_active && user.password_hash == self.known.password_hash);
        let user = same.ok_or_else(|| codes::unauthorized(&codes::INVALID_CREDENTIALS))?;
        let user = queries::set_password(tx, user.id, self.password_hash, now).await?;
        links::void_asked_for(tx, user.id).await?;
        outbox::emit(tx, &PasswordChanged { user_id: user.id, sid: self.session }).await?;
        notices::mail(tx, Notice::PasswordChanged, &user, &user.email).await?;
        history::note(tx, Kind::PasswordChanged, Some(user.id), Some(self.session), self.visitor).await?;
        Ok(sessions::end(tx, user.id, Which::AllBut(self.session), EndReason::Credential).await?)
    }
}
