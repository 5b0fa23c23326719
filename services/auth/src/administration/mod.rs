//! What administrators see of accounts and do to them; the service `admin` calls it with its caller's token.
//!
//! Whoever acts is an administrator still, by his own row, in the transaction of the act; one is always left. Each act is
//! told, noted with its reason where the owner reads it, and mailed where the account's safety is concerned. Start with
//! [`act`], then [`deactivate`].

pub mod activate;
pub mod change;
pub mod deactivate;
pub mod end_session;
pub mod end_sessions;
pub mod erase;
pub mod invite;
pub mod invite_again;
pub mod list;
pub mod list_sessions;
pub mod mail_reset;
pub mod reset_mfa;
pub mod show;
pub mod unlock;

pub mod act;
pub mod letters;
pub mod queries;
pub mod reason;
pub mod row;
pub mod rules;
pub mod view;

use contracts::UserId;
use db::{Connection, Tx};
use problem::{Problem, codes::NOT_FOUND};

use crate::accounts::row::UserRow;
use crate::state::State;
use crate::{accounts, codes, factors, locks, sessions};
use view::AccountDetailView;

/// An account as an administrator sees it.
pub async fn shown(conn: &mut Connection, state: &State, user: UserId) -> Result<AccountDetailView, Problem> {
    let account = accounts::whole(conn, user).await?.ok_or_else(|| Problem::new(&NOT_FOUND))?;
    let now = state.clock.now();
    let held = locks::held(conn, &names(state, &account.user), now).await?;
    let factors = factors::of(conn, user).await?;
    let sessions = sessions::living(conn, user, now).await?.len();
    let deactivation = queries::deactivation(conn, user).await?;
    Ok(AccountDetailView::of(account, held, factors).with(sessions, deactivation))
}

/// Of all transactions that may take an administrator away one goes on at a time. To be asked for before anything is
/// locked.
pub async fn one_at_a_time(tx: &mut Tx) -> db::Result<()> {
    queries::one_at_a_time(tx).await
}

/// Fine unless nobody but `user` is an administrator who can enter. Whoever takes one away calls it, in a transaction
/// that began with [`one_at_a_time`].
pub async fn spare_the_last(tx: &mut Tx, user: &UserRow) -> Result<(), Problem> {
    if rules::administers(user.roles(), user.is_active, user.is_verified)
        && !queries::has_other_administrator(tx, user.id).await?
    {
        return Err(Problem::new(&codes::LAST_ADMIN));
    }
    Ok(())
}

/// The address of an account that is open: only there a mail is of use.
async fn open_address(state: &State, user: UserId) -> Result<String, Problem> {
    let mut conn = state.db.conn().await?;
    let account = accounts::whole(&mut conn, user).await?.ok_or_else(|| Problem::new(&NOT_FOUND))?;
    if account.user.is_active { Ok(account.user.email) } else { Err(Problem::new(&codes::ACCOUNT_INACTIVE)) }
}

/// By what failures of an account are counted: keyed digests of all that it is entered by, and of what is asked of who is
/// in.
fn names(state: &State, user: &UserRow) -> Vec<String> {
    let (codes, password) = (locks::codes_of(user.id), locks::password_of(user.id));
    let names = [Some(user.email.as_str()), user.username.as_deref(), Some(&codes), Some(&password)];
    names.into_iter().flatten().map(|name| state.secrets.track(name)).collect()
}

/// So many mails because of one administrator, and because of one address.
async fn may_mail(state: &State, actor: UserId, address: &str) -> Result<(), Problem> {
    let policy = &state.policies.admin_mail;
    let decision = state.limiter.check_shared(policy, actor.0.as_u128(), 1).await;
    if !decision.allowed {
        return Err(decision.problem(policy));
    }
    accounts::may_mail(state, address).await
}
