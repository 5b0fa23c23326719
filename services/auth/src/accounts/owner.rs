//! What somebody who is signed in shows once more before the account's safety changes: a token can be stolen.

use contracts::UserId;
use db::Tx;
use problem::{Problem, codes::TOKEN_REVOKED};
use server::Caller;

use super::queries;
use super::row::{AccountRow, UserRow};
use crate::factors::Factors;
use crate::history::{self, Kind};
use crate::sessions::{self, Visitor};
use crate::state::State;
use crate::{codes, factors};

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
pub async fn again(state: &State, who: &Caller, user: &UserRow, password: Option<&str>) -> Result<(), Problem> {
    if let Some(password) = password {
        by_password(state, user, password).await?;
    }
    let (has, token) = (factors(state, user.id).await?, &who.identity);
    let fine = match password {
        Some(_) if !has.any() => true,
        _ => token.is_recent(state.clock.now()) && (!has.any() || token.has_second_factor()),
    };
    if fine { Ok(()) } else { Err(codes::step_up(&has.step_up_methods())) }
}

/// Fine for the account's password. It is asked for so often a minute and no more, from wherever it comes.
pub async fn by_password(state: &State, user: &UserRow, password: &str) -> Result<(), Problem> {
    let policy = &state.policies.login;
    let decision = state.limiter.check_shared(policy, user.id.0.as_u128(), 1).await;
    if !decision.allowed {
        return Err(decision.problem(policy));
    }
    let place = state.hasher.place()?;
    let verdict = state.hasher.verify(place, password, user.password_hash.as_deref()).await?;
    if verdict.right { Ok(()) } else { Err(codes::unauthorized(&codes::INVALID_CREDENTIALS)) }
}

/// The same, and a wrong one is noted in the account's history.
pub async fn by_noted_password(
    state: &State,
    user: &UserRow,
    password: &str,
    who: &Caller,
    visitor: &Visitor,
) -> Result<(), Problem> {
    let Err(refused) = by_password(state, user, password).await else { return Ok(()) };
    if *refused.code() == codes::INVALID_CREDENTIALS {
        let (user, session) = (Some(user.id), Some(who.identity.session));
        let noted =
            state.db.tx(async |tx: &mut Tx| history::note(tx, Kind::PasswordRefused, user, session, visitor).await);
        noted.await?;
    }
    Err(refused)
}
