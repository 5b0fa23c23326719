//! An act of an administrator on an account, from who may do it to what is told of it.

use contracts::acts::{AdminAct, AdminActed};
use contracts::{Role, UserId};
use db::Tx;
use problem::Problem;
use problem::codes::{FORBIDDEN, NOT_FOUND, TOKEN_REVOKED};

use super::reason::Why;
use super::{queries, rules};
use crate::accounts::row::UserRow;
use crate::state::State;
use crate::{accounts, codes, history};

/// Acts wait for each other here: they are few, and lock several rows each.
const LANE: &str = "acts of administrators";

/// An act.
pub struct Act<'a> {
    /// What everything is done with.
    pub state: &'a State,
    /// The administrator.
    pub actor: UserId,
    /// What he does.
    pub action: AdminAct,
    /// Why, where that was asked for.
    pub why: Option<&'a Why>,
}

impl<'a> Act<'a> {
    /// An act of `actor`, for a reason that nobody asks.
    pub fn of(state: &'a State, actor: UserId, action: AdminAct) -> Self {
        Self { state, actor, action, why: None }
    }

    /// The same for a reason.
    #[must_use]
    pub fn because(self, why: &'a Why) -> Self {
        Self { why: Some(why), ..self }
    }

    /// Runs `work` on the account of `target` in one transaction. Locked are, in this order: all acts that may take an
    /// administrator away, if this is one; both accounts, by their ids; whatever `work` locks.
    pub async fn on<T, F>(&self, target: UserId, work: F) -> Result<T, Problem>
    where
        F: AsyncFnOnce(&mut Tx, UserRow) -> Result<T, Problem>,
    {
        let _turn = self.state.turns.of(&LANE).await;
        self.state
            .db
            .tx(async |tx: &mut Tx| -> Result<T, Problem> {
                let user = self.begin(tx, target).await?;
                work(tx, user).await
            })
            .await
    }

    /// The account of `target`, locked with the administrator's own, who is one still.
    pub async fn begin(&self, tx: &mut Tx, target: UserId) -> Result<UserRow, Problem> {
        if rules::may_take_an_administrator(self.action) {
            queries::one_at_a_time(tx).await?;
        }
        let users = accounts::locked_in_order(tx, &[self.actor, target]).await?;
        self.may_act(users.iter().find(|user| user.id == self.actor))?;
        users.into_iter().find(|user| user.id == target).ok_or_else(|| Problem::new(&NOT_FOUND))
    }

    /// Fine if the administrator is one still; tells that he looks at the account of `target`, or at a list of them.
    pub async fn look(&self, tx: &mut Tx, target: Option<UserId>) -> Result<(), Problem> {
        let own = accounts::whole(tx, self.actor).await?;
        self.may_act(own.as_ref().map(|own| &own.user))?;
        self.tell(tx, target).await
    }

    /// Fine if the administrator's own row says that he is one: his token may be of before.
    fn may_act(&self, actor: Option<&UserRow>) -> Result<(), Problem> {
        let actor = actor.filter(|user| user.is_active).ok_or_else(|| codes::unauthorized(&TOKEN_REVOKED))?;
        if actor.roles().has(Role::Admin) { Ok(()) } else { Err(Problem::new(&FORBIDDEN)) }
    }

    /// Fine if it is not his own account.
    pub fn spares_oneself(&self, target: UserId) -> Result<(), Problem> {
        if self.actor == target { Err(Problem::new(&codes::OWN_ACCOUNT)) } else { Ok(()) }
    }

    /// Tells that it was done to `target`, and notes it with its reason where the owner reads it. The reason in words
    /// leaves this database in no event.
    pub async fn note(&self, tx: &mut Tx, target: UserId) -> Result<(), Problem> {
        self.tell(tx, Some(target)).await?;
        Ok(history::note_act(tx, self.action, target, self.why.map(|why| why.words.as_str())).await?)
    }

    async fn tell(&self, tx: &mut Tx, target: Option<UserId>) -> Result<(), Problem> {
        let acted = AdminActed {
            actor: self.actor,
            action: self.action,
            target,
            reason_code: self.why.map(|why| why.code),
            reason_hmac: self.why.map(|why| self.state.secrets.track(&why.words)),
        };
        outbox::emit(tx, &acted).await?;
        Ok(())
    }
}
