//! PATCH /auth/users/{id}/activate: an account that was closed may be entered again.

use contracts::UserId;
use contracts::acts::{AdminAct, UserReactivated};
use db::Tx;
use problem::Problem;
use server::{Answer, AnswerExt, Data, Json, Path, RecentAdmin, answer, patch};

use super::act::Act;
use super::reason::{Because, Why};
use super::view::AccountDetailView;
use super::{letters, queries, shown};
use crate::accounts::notices::Notice;
use crate::accounts::row::UserRow;
use crate::state::State;
use crate::{codes, erasures};

/// Opens a closed account again: its owner signs in as before, and is mailed. Opening one that is open changes nothing;
/// one that is being erased stays closed.
#[utoipa::path(tag = "auth", operation_id = "activate_account", security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The account.")))]
#[patch("/auth/users/{id}/activate")]
pub async fn activate(
    state: Data<State>,
    who: RecentAdmin,
    id: Path<UserId>,
    body: Json<Because>,
) -> Answer<AccountDetailView> {
    let (state, why) = (&state, &body.read()?);
    let act = &Act::of(state, who.id, AdminAct::Activated).because(why);
    let open = async |tx: &mut Tx, user: UserRow| -> Result<AccountDetailView, Problem> {
        if !user.is_active {
            write(tx, act, why, user.id).await?;
        }
        shown(tx, state, user.id).await
    };
    let account = act.on(*id, open).await?;
    let etag = account.etag();
    answer(account).etag(etag)
}

async fn write(tx: &mut Tx, act: &Act<'_>, why: &Why, user: UserId) -> Result<(), Problem> {
    if erasures::is_open(tx, user).await? {
        return Err(Problem::new(&codes::ERASURE_STARTED));
    }
    let now = tx.now();
    let user = queries::open(tx, user, now).await?;
    queries::delete_deactivation(tx, user.id).await?;
    let told = UserReactivated { user_id: user.id, by: Some(act.actor), reason_code: why.code };
    outbox::emit(tx, &told).await?;
    act.note(tx, user.id).await?;
    Ok(letters::tell(tx, Notice::AccountActivated, &user).await?)
}
