//! POST /auth/change-email: another address, which holds once the link that is mailed there is used.

use contracts::SessionId;
use db::Tx;
use problem::{Problem, codes::TOKEN_REVOKED};
use serde::Deserialize;
use server::{Accepted, Caller, Data, Json, accepted, post};
use url::Url;
use utoipa::ToSchema;

use super::links::{self, Errand};
use super::notices::{self, Notice};
use super::owner::{self, Asker};
use super::row::UserRow;
use super::rules::{self, Identifier, Purpose, Unfit};
use super::view::PromiseView;
use super::{mail_account_exists, may_mail, queries};
use crate::codes;
use crate::devices::ShownDevice;
use crate::history::{self, Kind};
use crate::pace::Pace;
use crate::sessions::Visitor;
use crate::state::State;

/// The address, and the proof that the account is the caller's.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "new_email": "countess@example.org", "password": "sept-vaches-bleues" }))]
pub struct EmailChange {
    /// The address that the account is to have.
    #[schema(max_length = 255, format = Email)]
    new_email: String,
    /// The current password; it may be left out within ten minutes of a login.
    #[schema(max_length = 128, format = Password)]
    #[garde(length(chars, max = 128))]
    password: Option<String>,
}

/// Mails a link to the new address, good for a day, and a warning to the current one. The answer and its time are the
/// same for an address that has an account: its owner is mailed.
#[utoipa::path(tag = "auth", operation_id = "change_email", security(("bearer" = [])))]
#[post("/auth/change-email")]
pub async fn change_email(
    state: Data<State>,
    who: Caller,
    visitor: Visitor,
    shown: ShownDevice,
    body: Json<EmailChange>,
) -> Accepted<PromiseView> {
    let pace = Pace::begin().await;
    let unfit = |unfit| codes::unfit(vec![("/new_email", unfit)]);
    let new = rules::address(&body.new_email).map_err(unfit)?;
    let known = owner::account(&state, who.id).await?.user;
    if new == known.email {
        return Err(unfit(Unfit::Unchanged).into());
    }
    let (asker, session) = (&Asker { who: &who, visitor: &visitor, shown: &shown }, who.identity.session);
    owner::again(&state, asker, &known, body.password.as_deref()).await?;
    may_mail(&state, who.id.0.as_u128()).await?;
    may_mail(&state, new.as_str()).await?;
    let request = &Request { site: &state.public_url, known: &known, new: &new, session, visitor: &visitor };
    let turn = state.turns.of(&who.id).await;
    state.db.tx(async |tx: &mut Tx| request.write(tx).await).await?;
    drop(turn);
    pace.even().await;
    accepted(PromiseView::given())
}

/// All that a request writes.
struct Request<'a> {
    site: &'a Url,
    /// The account, as it was when its owner showed that it is his.
    known: &'a UserRow,
    new: &'a str,
    session: SessionId,
    visitor: &'a Visitor,
}

impl Request<'_> {
    /// But for the mail to the new address all is the same whether that is free or not: whoever asks sees the rest.
    async fn write(&self, tx: &mut Tx) -> Result<(), Problem> {
        let same = queries::locked(tx, self.known.id).await?;
        let same = same.filter(|user| user.is_active && user.password_hash == self.known.password_hash);
        let user = same.ok_or_else(|| codes::unauthorized(&TOKEN_REVOKED))?;
        links::void(tx, user.id, Purpose::ChangeEmail).await?;
        self.mail(tx, &user).await?;
        notices::mail(tx, Notice::EmailChangeRequested, &user, &user.email).await?;
        history::note(tx, Kind::EmailChangeRequested, Some(user.id), Some(self.session), self.visitor).await?;
        Ok(())
    }

    /// Who has the address is not locked: two who ask for each other's would wait for each other.
    async fn mail(&self, tx: &mut Tx, user: &UserRow) -> Result<(), Problem> {
        match queries::named(tx, &Identifier::Email(self.new.to_owned())).await? {
            Some(holder) if holder.is_active => mail_account_exists(tx, self.site, &holder).await,
            Some(_) => Ok(()),
            None => {
                let purpose = Purpose::ChangeEmail;
                let errand = Errand { purpose, user, to: self.new, name: None, password_hash: None };
                links::mail(tx, self.site, errand).await
            }
        }
    }
}
