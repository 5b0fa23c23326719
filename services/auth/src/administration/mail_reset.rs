//! POST /auth/users/{id}/password-reset: the owner is mailed a link to set a new password by.

use contracts::UserId;
use contracts::acts::AdminAct;
use db::Tx;
use problem::Problem;
use server::{Accepted, Data, Path, RecentAdmin, accepted, post};

use super::act::Act;
use super::{may_mail, open_address};
use crate::accounts::links;
use crate::accounts::row::UserRow;
use crate::accounts::view::PromiseView;
use crate::codes;
use crate::state::State;

/// Mails the owner a link to set a new password by, good for an hour. Nobody else sees it; the password of now holds
/// until it is used.
#[utoipa::path(tag = "auth", operation_id = "mail_account_password_reset", security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The account.")))]
#[post("/auth/users/{id}/password-reset")]
pub async fn mail_reset(state: Data<State>, who: RecentAdmin, id: Path<UserId>) -> Accepted<PromiseView> {
    let address = open_address(&state, *id).await?;
    may_mail(&state, who.id, &address).await?;
    let (site, act) = (&state.public_url, &Act::of(&state, who.id, AdminAct::PasswordReset));
    let mail = async |tx: &mut Tx, user: UserRow| -> Result<(), Problem> {
        if !user.is_active {
            return Err(Problem::new(&codes::ACCOUNT_INACTIVE));
        }
        links::mail_reset(tx, site, &user).await?;
        act.note(tx, user.id).await
    };
    act.on(*id, mail).await?;
    accepted(PromiseView::given())
}
