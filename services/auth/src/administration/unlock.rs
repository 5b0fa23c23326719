//! PATCH /auth/users/{id}/unlock: wrong passwords are forgotten.

use contracts::UserId;
use contracts::acts::AdminAct;
use db::Tx;
use problem::Problem;
use server::{Answer, AnswerExt, Data, Json, Path, RecentAdmin, answer, patch};

use super::act::Act;
use super::reason::Because;
use super::view::AccountDetailView;
use super::{names, shown};
use crate::accounts::row::UserRow;
use crate::locks;
use crate::state::State;

/// Ends all locks of an account, by its address and by its name, from wherever the wrong passwords came.
#[utoipa::path(tag = "auth", operation_id = "unlock_account", security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The account.")))]
#[patch("/auth/users/{id}/unlock")]
pub async fn unlock(
    state: Data<State>,
    who: RecentAdmin,
    id: Path<UserId>,
    body: Json<Because>,
) -> Answer<AccountDetailView> {
    let (state, why) = (&state, &body.read()?);
    let act = &Act::of(state, who.id, AdminAct::Unlocked).because(why);
    let lift = async |tx: &mut Tx, user: UserRow| -> Result<AccountDetailView, Problem> {
        if locks::lift(tx, &user, &names(state, &user)).await? {
            act.note(tx, user.id).await?;
        }
        shown(tx, state, user.id).await
    };
    let account = act.on(*id, lift).await?;
    let etag = account.etag();
    answer(account).etag(etag)
}
