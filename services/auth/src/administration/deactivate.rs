//! PATCH /auth/users/{id}/deactivate: nobody enters the account any more.

use contracts::UserId;
use contracts::acts::{AdminAct, UserDeactivated};
use db::{Ts, Tx};
use problem::Problem;
use server::{Answer, AnswerExt, Data, Json, Path, RecentAdmin, answer, patch};

use super::act::Act;
use super::reason::{Because, Why};
use super::row::DeactivationRow;
use super::view::AccountDetailView;
use super::{letters, queries, shown, spare_the_last};
use crate::accounts::links;
use crate::accounts::notices::Notice;
use crate::accounts::row::UserRow;
use crate::erasures;
use crate::revocations::{self, Ended};
use crate::sessions::{self, EndReason, Which};
use crate::state::State;
use crate::tiers::rules::not_before;

/// Closes an account: its sessions and tokens end, and its owner is mailed. Closing one that is closed changes nothing; but
/// one whose owner wants it erased, and may think again, stays closed then.
#[utoipa::path(tag = "auth", operation_id = "deactivate_account", security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The account.")))]
#[patch("/auth/users/{id}/deactivate")]
pub async fn deactivate(
    state: Data<State>,
    who: RecentAdmin,
    id: Path<UserId>,
    body: Json<Because>,
) -> Answer<AccountDetailView> {
    let why = body.read()?;
    let account = close(&state, who.id, *id, &why).await?;
    let etag = account.etag();
    answer(account).etag(etag)
}

/// Closes the account of `target` for `actor`.
pub async fn close(state: &State, actor: UserId, target: UserId, why: &Why) -> Result<AccountDetailView, Problem> {
    let act = &Act::of(state, actor, AdminAct::Deactivated).because(why);
    act.spares_oneself(target)?;
    let close = async |tx: &mut Tx, user: UserRow| -> Result<(AccountDetailView, Ended), Problem> {
        let ended = if user.is_active { write(tx, act, why, user).await? } else { keep(tx, act, why, &user).await? };
        Ok((shown(tx, state, target).await?, ended))
    };
    let (account, ended) = act.on(target, close).await?;
    ended.tell(state);
    Ok(account)
}

async fn write(tx: &mut Tx, act: &Act<'_>, why: &Why, user: UserRow) -> Result<Ended, Problem> {
    spare_the_last(tx, &user).await?;
    let now = tx.now();
    let not_before = not_before(user.tokens_not_before.map(|at| at.0), act.state.clock.now());
    let user = queries::close(tx, user.id, not_before, now).await?;
    remember(tx, act, why, user.id).await?;
    links::void_asked_for(tx, user.id).await?;
    let told = UserDeactivated { user_id: user.id, by: Some(act.actor), reason_code: why.code };
    outbox::emit(tx, &told).await?;
    act.note(tx, user.id).await?;
    letters::tell(tx, Notice::AccountDeactivated, &user).await?;
    let mut ended = sessions::end(tx, user.id, Which::All, EndReason::Admin).await?;
    ended.push(revocations::of_user(tx, user.id, not_before).await?);
    Ok(ended)
}

/// An account that its owner closed, to be erased, is not opened again by him.
async fn keep(tx: &mut Tx, act: &Act<'_>, why: &Why, user: &UserRow) -> Result<Ended, Problem> {
    if erasures::stay_closed(tx, user.id).await? {
        remember(tx, act, why, user.id).await?;
        act.note(tx, user.id).await?;
        letters::tell(tx, Notice::AccountDeactivated, user).await?;
    }
    Ok(Ended::default())
}

/// Keeps why it is closed.
async fn remember(tx: &mut Tx, act: &Act<'_>, why: &Why, user: UserId) -> db::Result<()> {
    let kept = DeactivationRow {
        user_id: user,
        actor_id: act.actor,
        reason_code: why.code.name().into(),
        reason: why.words.clone(),
        created_at: Ts(tx.now()),
    };
    queries::insert_deactivation(tx, &kept).await
}
