//! What somebody who is signed in shows once more before the account's safety changes: a token can be stolen.

use contracts::UserId;
use problem::{Problem, codes::TOKEN_REVOKED};
use server::Caller;

use super::row::{AccountRow, UserRow};
use super::{queries, rules};
use crate::codes;
use crate::state::State;

/// The caller's account, as it is now.
pub async fn account(state: &State, user: UserId) -> Result<AccountRow, Problem> {
    let mut conn = state.db.conn().await?;
    let account = queries::whole(&mut conn, user).await?.filter(|account| account.user.is_active);
    account.ok_or_else(|| codes::unauthorized(&TOKEN_REVOKED))
}

/// Fine for the account's password, or without one for somebody who signed in a moment ago.
pub async fn again(state: &State, who: &Caller, user: &UserRow, password: Option<&str>) -> Result<(), Problem> {
    match password {
        Some(password) => by_password(state, user, password).await,
        None if rules::is_recent(who.identity.auth_time, state.clock.now()) => Ok(()),
        None => Err(codes::step_up()),
    }
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
