//! Tiers: FREE or PREMIUM, the best of what an account pays for and what it was given.
//!
//! `users.tier` is only ever what the sources come to: whoever changes one of them calls [`settle`] in the same
//! transaction, with the account locked. A change ends no session; the tokens from before it are void, so that every
//! service hears of it with the next ones. Start with [`settle`]; [`grant`] is for administrators.

pub mod queries;
pub mod row;
pub mod rules;

use clock::Clock;
use contracts::auth::UserTierChanged;
use contracts::{Tier, UserId};
use db::{Connection, Ts, Tx};
use jiff::Timestamp;
use problem::Problem;
use problem::codes::NOT_FOUND;

use crate::accounts::{self, notices};
use crate::history::{self, Kind};
use crate::revocations::{self, Ended};
use crate::sessions::Visitor;
use crate::subscriptions;
use row::GrantRow;
use rules::{Held, Source};

/// What is given to an account, or taken back.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    /// To whom.
    pub user: UserId,
    /// PREMIUM, in the place of what was given before; FREE takes that back.
    pub tier: Tier,
    /// Until when; without an end where nothing is said.
    pub until: Option<Timestamp>,
    /// The administrator who gives it, if one does.
    pub by: Option<UserId>,
}

/// Puts the account's tier to what its sources come to now. The caller has it locked, and tells this process's verifier
/// what is void once it is committed. `by` is the administrator who did it, if one did. Now is when the account is
/// locked, not when the transaction began: tokens that were made while it was waited for say the former tier.
pub async fn settle(tx: &mut Tx, clock: &Clock, user: UserId, by: Option<UserId>) -> Result<Ended, Problem> {
    let mut ended = Ended::default();
    let Some(account) = accounts::locked(tx, user).await? else { return Ok(ended) };
    let now = clock.now();
    let held = held(tx, user, now).await?;
    queries::note_until(tx, user, held.until).await?;
    let (old, new) = (account.tier(), held.tier);
    if old == new {
        return Ok(ended);
    }
    let not_before = rules::not_before(account.tokens_not_before.map(|at| at.0), now);
    queries::change(tx, user, new, not_before, now).await?;
    ended.push(revocations::of_user(tx, user, not_before).await?);
    outbox::emit(tx, &UserTierChanged { user_id: user, old, new, by, not_before }).await?;
    history::note(tx, Kind::TierChanged, Some(user), None, &Visitor::default()).await?;
    if let Some(account) = accounts::whole(tx, user).await? {
        notices::tier(tx, &account).await?;
    }
    metrics::counter!("tiers_changed_total", "to" => new.name()).increment(1);
    Ok(ended)
}

/// Gives an account PREMIUM, until a moment or without an end, in the place of what was given before; or, with FREE, takes
/// back what was given. What is paid for stays either way. 404 where there is no such account.
pub async fn grant(tx: &mut Tx, clock: &Clock, given: &Given) -> Result<Ended, Problem> {
    let Given { user, tier, until, by } = *given;
    accounts::locked(tx, user).await?.ok_or_else(|| Problem::new(&NOT_FOUND))?;
    let now = clock.now();
    match tier {
        Tier::Premium => queries::keep_grant(tx, &GrantRow::premium(user, until.map(Ts), by, Ts(now))).await?,
        Tier::Free => queries::delete_grant(tx, user).await?,
    }
    settle(tx, clock, user, by).await
}

/// Settles one account whose time has come; nothing where there is none.
pub async fn settle_due(tx: &mut Tx, clock: &Clock) -> Result<Option<Ended>, Problem> {
    let now = clock.now();
    match queries::due(tx, now).await? {
        Some(user) => settle(tx, clock, user, None).await.map(Some),
        None => Ok(None),
    }
}

/// What an account has at `now`, by its sources.
pub async fn held(conn: &mut Connection, user: UserId, now: Timestamp) -> db::Result<Held> {
    let mut sources: Vec<Source> = subscriptions::sources(conn, user).await?;
    sources.extend(queries::grant(conn, user).await?.map(|grant| grant.source()));
    Ok(rules::held(&sources, now))
}
