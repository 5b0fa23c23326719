//! What somebody who is signed in shows once more before the account's safety changes: a token can be stolen.

use contracts::UserId;
use db::Tx;
use problem::{Problem, codes::TOKEN_REVOKED};
use server::Caller;

use super::queries;
use super::row::{AccountRow, UserRow};
use crate::devices::ShownDevice;
use crate::factors::Factors;
use crate::history::{self, Kind};
use crate::locks::{self, Claim, Origin};
use crate::sessions::{self, Visitor};
use crate::state::State;
use crate::{codes, factors};

/// Somebody who is signed in, with what his request tells of him.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    /// Who he is, by his token.
    pub who: &'a Caller,
    /// From where he calls.
    pub visitor: &'a Visitor,
    /// What his browser shows.
    pub shown: &'a ShownDevice,
}

/// The caller's account, as it is now.
pub async fn account(state: &State, user: UserId) -> Result<AccountRow, Problem> {
    let mut conn = state.db.conn().await?;
    let account = queries::whole(&mut conn, user).await?.filter(|account| account.user.is_active);
    account.ok_or_else(|| codes::unauthorized(&TOKEN_REVOKED))
}

/// The caller's account, which nobody else changes until the transaction ends, if his session goes on: it may have ended
/// since he came in. His sessions are locked as well.
pub async fn locked(tx: &mut Tx, who: &Caller) -> Result<UserRow, Problem> {
    let gone = || codes::unauthorized(&TOKEN_REVOKED);
    let user = queries::locked(tx, who.id).await?.filter(|user| user.is_active).ok_or_else(gone)?;
    // Who goes on to end others locks them all, in one order.
    sessions::lock_all(tx, user.id).await?;
    if sessions::is_open(tx, user.id, who.identity.session).await? { Ok(user) } else { Err(gone()) }
}

/// The second factors of an account, as they are now.
pub async fn factors(state: &State, user: UserId) -> Result<Factors, Problem> {
    let mut conn = state.db.conn().await?;
    Ok(factors::of(&mut conn, user).await?)
}

/// Fine for somebody who proved himself a moment ago, by two factors where the account has a second one; or where it
/// has none, for the account's password. One that is given has to be right in any case.
pub async fn again(state: &State, asker: &Asker<'_>, user: &UserRow, password: Option<&str>) -> Result<(), Problem> {
    let Some(password) = password else { return recently(state, asker.who).await };
    by_password(state, asker, user, password).await?;
    if factors(state, user.id).await?.any() { recently(state, asker.who).await } else { Ok(()) }
}

/// Fine for somebody who proved himself a moment ago, by two factors where the account has a second one.
pub async fn recently(state: &State, who: &Caller) -> Result<(), Problem> {
    let (has, token) = (factors(state, who.id).await?, &who.identity);
    let fine = token.is_recent(state.clock.now()) && (!has.any() || token.has_second_factor());
    if fine { Ok(()) } else { Err(codes::step_up(&has.step_up_methods())) }
}

/// Fine for the account's password. It is asked for so often a minute and no more, from wherever it comes; what passes is
/// counted before it is looked at, as at a login, and a wrong one is noted in the account's history.
pub async fn by_password(state: &State, asker: &Asker<'_>, user: &UserRow, password: &str) -> Result<(), Problem> {
    let policy = &state.policies.login;
    let decision = state.limiter.check_shared(policy, user.id.0.as_u128(), 1).await;
    if !decision.allowed {
        return Err(decision.problem(policy));
    }
    let place = state.hasher.place()?;
    let claim = &state.db.tx(async |tx: &mut Tx| asker.claim(tx, state).await).await?;
    let right = match state.hasher.verify(place, password, user.password_hash.as_deref()).await {
        Ok(verdict) => verdict.right,
        Err(problem) => {
            state.db.tx(async |tx: &mut Tx| locks::give_back(tx, claim).await).await?;
            return Err(problem);
        }
    };
    state.db.tx(async |tx: &mut Tx| asker.settle(tx, claim, right).await).await?;
    if right { Ok(()) } else { Err(codes::unauthorized(&codes::INVALID_CREDENTIALS)) }
}

impl Asker<'_> {
    async fn claim(&self, tx: &mut Tx, state: &State) -> Result<Claim, Problem> {
        let origin = Origin::of(tx, Some(self.who.id), self.visitor, self.shown).await?;
        let name = state.secrets.track(&locks::password_of(self.who.id));
        locks::claim(tx, &state.clock, &name, &origin).await
    }

    async fn settle(&self, tx: &mut Tx, claim: &Claim, right: bool) -> Result<(), Problem> {
        if right {
            return Ok(locks::forgive(tx, claim).await?);
        }
        let (user, session) = (Some(self.who.id), Some(self.who.identity.session));
        locks::fail(tx, claim, user, self.visitor).await?;
        Ok(history::note(tx, Kind::PasswordRefused, user, session, self.visitor).await?)
    }
}
