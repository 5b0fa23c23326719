//! POST /auth/users/{id}/mfa-reset: somebody lost the second factors, and enters without them.

use contracts::UserId;
use contracts::acts::AdminAct;
use db::Tx;
use problem::Problem;
use server::{Answer, AnswerExt, Data, Json, Path, RecentAdmin, answer, post};

use super::act::Act;
use super::reason::Because;
use super::view::AccountDetailView;
use super::{letters, shown};
use crate::accounts::notices::Notice;
use crate::accounts::row::UserRow;
use crate::devices;
use crate::factors::reset::reset;
use crate::revocations::Ended;
use crate::sessions::{self, EndReason, Which};
use crate::state::State;

/// Turns off all second factors of an account: apps, recovery codes and passkeys. Its sessions end and its browsers are
/// strangers, and its owner is mailed: whoever asked for it may be another. Without any, nothing changes.
#[utoipa::path(tag = "auth", operation_id = "reset_account_mfa", security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The account.")))]
#[post("/auth/users/{id}/mfa-reset")]
pub async fn reset_mfa(
    state: Data<State>,
    who: RecentAdmin,
    id: Path<UserId>,
    body: Json<Because>,
) -> Answer<AccountDetailView> {
    let (state, why) = (&state, &body.read()?);
    let act = &Act::of(state, who.id, AdminAct::MfaReset).because(why);
    act.spares_oneself(*id)?;
    let turn_off = async |tx: &mut Tx, user: UserRow| -> Result<(AccountDetailView, Ended), Problem> {
        let ended = write(tx, act, &user).await?;
        Ok((shown(tx, state, user.id).await?, ended))
    };
    let (account, ended) = act.on(*id, turn_off).await?;
    ended.tell(state);
    let etag = account.etag();
    answer(account).etag(etag)
}

async fn write(tx: &mut Tx, act: &Act<'_>, user: &UserRow) -> Result<Ended, Problem> {
    if !reset(tx, user.id).await?.any() {
        return Ok(Ended::default());
    }
    devices::forget(tx, user.id).await?;
    act.note(tx, user.id).await?;
    letters::tell(tx, Notice::MfaDisabled, user).await?;
    Ok(sessions::end(tx, user.id, Which::All, EndReason::Admin).await?)
}
