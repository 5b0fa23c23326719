//! POST /auth/users/{id}/invitation: another link for somebody who was invited and did not come.

use contracts::UserId;
use contracts::acts::AdminAct;
use db::{Ts, Tx};
use problem::Problem;
use server::{Accepted, Data, Path, RecentAdmin, accepted, post};

use super::act::Act;
use super::view::InvitedView;
use super::{may_mail, open_address};
use crate::accounts::row::UserRow;
use crate::accounts::{self, invitations};
use crate::state::State;
use crate::{codes, factors, identities};

/// Mails another link to choose a first password by; older ones are void.
#[utoipa::path(tag = "auth", operation_id = "invite_account_again", security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The account.")))]
#[post("/auth/users/{id}/invitation")]
pub async fn invite_again(state: Data<State>, who: RecentAdmin, id: Path<UserId>) -> Accepted<InvitedView> {
    let address = open_address(&state, *id).await?;
    may_mail(&state, who.id, &address).await?;
    let (state, act) = (&state, &Act::of(&state, who.id, AdminAct::InvitedAgain));
    let again = async |tx: &mut Tx, user: UserRow| -> Result<InvitedView, Problem> {
        if has_joined(tx, &user).await? {
            return Err(Problem::new(&codes::ALREADY_JOINED));
        }
        if !user.is_active {
            return Err(Problem::new(&codes::ACCOUNT_INACTIVE));
        }
        let name = accounts::whole(tx, user.id).await?.and_then(|account| account.full_name());
        invitations::mail(tx, &state.public_url, &user, name.as_deref()).await?;
        act.note(tx, user.id).await?;
        Ok(InvitedView::of(&user, Ts(tx.now())))
    };
    accepted(act.on(*id, again).await?)
}

/// Whether somebody came, who may enter without a password as well.
async fn has_joined(tx: &mut Tx, user: &UserRow) -> db::Result<bool> {
    Ok(user.password_hash.is_some()
        || identities::has_any(tx, user.id).await?
        || factors::of(tx, user.id).await?.passkeys > 0)
}
