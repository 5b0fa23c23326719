//! POST /auth/users: an account for somebody who is invited to it.

use contracts::acts::AdminAct;
use contracts::auth::UserRoleChanged;
use contracts::{Language, Roles, UserId};
use db::idempotency::{self, Key, Once};
use db::{Ts, Tx};
use problem::Problem;
use serde::{Deserialize, Serialize};
use server::{AnswerExt, Created, Data, IdempotencyKey, Json, RecentAdmin, created, post};
use utoipa::ToSchema;

use super::act::Act;
use super::view::InvitedView;
use super::{may_mail, rules};
use crate::accounts::invitations::{self, Invited, Made};
use crate::accounts::rules::{self as spelling, Unfit};
use crate::codes;
use crate::revocations::Ended;
use crate::state::State;

/// Who is invited, and to what.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "email": "grace@example.org", "roles": ["user", "coach"], "locale": "fr", "full_name": "Grace Hopper",
}))]
pub struct Invitation {
    /// The address; a link is mailed to it.
    #[schema(max_length = 255, format = Email)]
    email: String,
    /// What the account may do; `user` in any case.
    roles: Roles,
    /// The language to be spoken to in; else French.
    #[schema(pattern = "^(fr|en)")]
    locale: Option<String>,
    /// A name in full.
    #[schema(max_length = 100)]
    full_name: Option<String>,
}

/// An invitation that is fit.
struct Draft {
    email: String,
    roles: Roles,
    locale: Language,
    full_name: Option<String>,
}

/// Makes an account without a password, and mails a link to choose one by, good for seven days. One that somebody
/// registered for the address and never proved is taken over: his password, sessions and whatever else he left are void.
#[utoipa::path(tag = "auth", operation_id = "invite_account", security(("bearer" = [])), params(
    ("Idempotency-Key" = Option<String>, Header, description = "Sent again with the same key, it invites nobody twice.")))]
#[post("/auth/users")]
pub async fn invite(
    state: Data<State>,
    who: RecentAdmin,
    key: IdempotencyKey,
    body: Json<Invitation>,
) -> Created<InvitedView> {
    let draft = &Draft::of(&body)?;
    may_mail(&state, who.id, &draft.email).await?;
    let key = Key::given(who.id.0, key.0.as_deref(), "invite_account", &*body);
    let act = &Act::of(&state, who.id, AdminAct::Invited);
    let _turn = state.turns.of(&draft.email).await;
    let (made, ended) = state.db.tx(async |tx: &mut Tx| draft.once(tx, act, key).await).await?;
    ended.tell(&state);
    created(made.value).replayed(made.replayed)
}

impl Draft {
    fn of(asked: &Invitation) -> Result<Self, Problem> {
        let mut faults = Vec::new();
        let email = spelling::address(&asked.email).map_err(|unfit| faults.push(("/email", unfit)));
        let roles = rules::fit(asked.roles).ok_or(Unfit::NoRole).map_err(|unfit| faults.push(("/roles", unfit)));
        let locale = asked.locale.as_deref().map(spelling::language).transpose();
        let locale = locale.map_err(|unfit| faults.push(("/locale", unfit)));
        let full_name = spelling::line(asked.full_name.as_deref().unwrap_or_default());
        let full_name = full_name.map_err(|unfit| faults.push(("/full_name", unfit)));
        match (email, roles, locale, full_name) {
            (Ok(email), Ok(roles), Ok(locale), Ok(full_name)) => {
                Ok(Self { email, roles, locale: locale.unwrap_or_default(), full_name })
            }
            _ => Err(codes::unfit(faults)),
        }
    }

    async fn once(&self, tx: &mut Tx, act: &Act<'_>, key: Option<Key>) -> Result<(Once<InvitedView>, Ended), Problem> {
        let mut ended = Ended::default();
        let make = async |tx: &mut Tx| -> Result<InvitedView, Problem> {
            let made = self.make(tx, act).await?;
            ended = made.ended;
            Ok(InvitedView::of(&made.user, Ts(tx.now())))
        };
        let once = idempotency::once(tx, key, make).await?;
        Ok((once, ended))
    }

    /// The administrator's account and one that is there already are locked together, in the order of their ids.
    async fn make(&self, tx: &mut Tx, act: &Act<'_>) -> Result<Made, Problem> {
        let there = invitations::taken_over(tx, &self.email).await?;
        act.begin(tx, there.unwrap_or(act.actor)).await?;
        let invited = Invited {
            email: &self.email,
            roles: self.roles,
            locale: self.locale,
            full_name: self.full_name.as_deref(),
        };
        let made = invitations::make(tx, &act.state.public_url, &invited).await?;
        let made = made.ok_or_else(|| Problem::new(&codes::EMAIL_TAKEN))?;
        self.tell_roles(tx, &made, act.actor).await?;
        act.note(tx, made.user.id).await?;
        Ok(made)
    }

    /// Others take a new account for a user's.
    async fn tell_roles(&self, tx: &mut Tx, made: &Made, by: UserId) -> Result<(), Problem> {
        let (user_id, old, new, not_before) = (made.user.id, made.old, self.roles, tx.now());
        if old == new {
            return Ok(());
        }
        let changed = UserRoleChanged { user_id, old, new, by: Some(by), not_before };
        outbox::emit(tx, &changed).await?;
        Ok(())
    }
}
