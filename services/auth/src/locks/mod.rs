//! Guessing is slowed down: an attempt is counted before its password is looked at, and too many lock.
//!
//! Passwords are counted by the name that somebody gives, never by its account, so that an account does not show; codes,
//! and passwords of who is signed in, by the account. Counted is from each network, by each device that the account
//! knows, and from everywhere: what others do does not lock a known device.
//! Every lock ends by itself; `users.locked_until` tells of it and decides nothing. Start with [`claim`].

pub mod queries;
pub mod row;
pub mod rules;

use clock::Clock;
use contracts::UserId;
use contracts::auth::{UserLocked, UserUnlocked};
use db::{Connection, Tx};
use jiff::Timestamp;
use problem::Problem;

use crate::accounts::row::UserRow;
use crate::accounts::{self, notices};
use crate::codes;
use crate::devices::{self, ShownDevice};
use crate::history::{self, Kind};
use crate::sessions::Visitor;
use rules::{APART, Ladder, REMEMBERED, holds};

/// The origin of all failures.
const EVERYWHERE: &str = "everywhere";
/// The origin of all codes of one account, which are remembered for longer.
const ACCOUNT: &str = "account";

/// From where somebody tries to enter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A network: it has its own failures, and shares in those from everywhere.
    Network(Option<String>),
    /// A device that the account knows, by the digest of its token: it has its own failures alone.
    Device(Vec<u8>),
}

/// An attempt that was counted before its password is looked at.
#[derive(Debug)]
#[must_use = "what became of the attempt has to be told"]
pub struct Claim {
    name: String,
    origins: Vec<String>,
    at: Timestamp,
    closes: Option<Timestamp>,
}

impl Origin {
    /// From where somebody tries to enter this account, or none, after the same work: by a device that it knows, or
    /// from a network.
    pub async fn of(
        conn: &mut Connection,
        user: Option<UserId>,
        visitor: &Visitor,
        shown: &ShownDevice,
    ) -> db::Result<Self> {
        let known = devices::is_known(conn, user, shown).await?;
        let device = shown.0.as_ref().filter(|_| known);
        Ok(device.map_or_else(|| Self::Network(visitor.network()), |token| Self::Device(token.digest())))
    }

    /// What is counted, in the order in which everybody locks it.
    fn counted(&self) -> Vec<String> {
        match self {
            Self::Network(network) => vec![network.clone().unwrap_or_else(|| "unknown".into()), EVERYWHERE.into()],
            Self::Device(digest) => vec![format!("device:{}", hex::encode(digest.get(..16).unwrap_or_default()))],
        }
    }
}

/// By what name the codes of an account's second factor are counted. Nobody can give it at a login, where names are
/// folded to small letters.
pub fn codes_of(user: UserId) -> String {
    format!("Second factor of {user}")
}

/// The same for its password, where somebody who is signed in is asked for it.
pub fn password_of(user: UserId) -> String {
    format!("Password of {user}")
}

/// Counts an attempt to enter as `name`, a keyed digest; refused without counting while it is locked. Of many at once
/// each waits for the others' counts, and is dated when it is its turn: by the time of its transaction, which is older,
/// it would come before the lock.
pub async fn claim(tx: &mut Tx, clock: &Clock, name: &str, origin: &Origin) -> Result<Claim, Problem> {
    count(tx, clock, name, origin.counted()).await
}

/// The same for a code of an account, of which so many are looked at in all until one is right.
pub async fn claim_code(tx: &mut Tx, clock: &Clock, name: &str, origin: &Origin) -> Result<Claim, Problem> {
    let mut origins = origin.counted();
    if let Some(last) = origins.iter().position(|origin| origin == EVERYWHERE) {
        origins.insert(last, ACCOUNT.into());
    }
    count(tx, clock, name, origins).await
}

async fn count(tx: &mut Tx, clock: &Clock, name: &str, origins: Vec<String>) -> Result<Claim, Problem> {
    let began = tx.now();
    let tallies = queries::locked(tx, name, &origins, began).await?;
    let now = clock.now();
    let until = tallies.iter().filter_map(|tally| tally.ladder().locked_until(&tally.times(), now)).max();
    if let Some(until) = until {
        metrics::counter!("logins_failed_total", "reason" => "locked").increment(1);
        return Err(codes::too_many_attempts(until.duration_since(now)));
    }
    let mut closes: Option<Timestamp> = None;
    for tally in tallies {
        let times = tally.ladder().with_failure(&tally.times(), now);
        queries::write(tx, name, &tally.origin, &times, now).await?;
        if tally.ladder() != Ladder::Origin {
            closes = closes.max(tally.ladder().locked_until(&times, now));
        }
    }
    Ok(Claim { name: name.to_owned(), origins, at: now, closes })
}

/// The password or code was wrong: what was counted stays. The account, if there is one, is told to be locked where this
/// was one too many from everywhere; for nobody the same work changes nothing.
pub async fn fail(tx: &mut Tx, claim: &Claim, user: Option<UserId>, visitor: &Visitor) -> Result<(), Problem> {
    let user = accounts::note_failure(tx, user).await?;
    match user.zip(claim.closes) {
        Some((user, until)) => close(tx, &user, until, visitor).await,
        None => Ok(()),
    }
}

/// The password or code was right: all is forgotten that counted against this network or device, or against the account's
/// codes, and one from everywhere.
pub async fn forgive(tx: &mut Tx, claim: &Claim) -> db::Result<()> {
    for origin in &claim.origins {
        if origin == EVERYWHERE {
            queries::give_back(tx, &claim.name, origin, claim.at).await?;
        } else {
            queries::forget(tx, &claim.name, origin).await?;
        }
    }
    Ok(())
}

/// The password was not looked at.
pub async fn give_back(tx: &mut Tx, claim: &Claim) -> db::Result<()> {
    for origin in &claim.origins {
        queries::give_back(tx, &claim.name, origin, claim.at).await?;
    }
    Ok(())
}

/// Until when an account is kept out by what is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// From everywhere, but for devices that it knows.
    pub everywhere: Option<Timestamp>,
    /// From one network, or by one device that it knows: the last of them.
    pub somewhere: Option<Timestamp>,
}

/// Until when those who enter by these names, keyed digests, are kept out at `now`.
pub async fn held(conn: &mut Connection, names: &[String], now: Timestamp) -> db::Result<Held> {
    let tallies = queries::of_names(conn, names).await?;
    let last = |somewhere: bool| {
        let of = tallies.iter().filter(|tally| (tally.ladder() == Ladder::Origin) == somewhere);
        of.filter_map(|tally| tally.ladder().locked_until(&tally.times(), now)).max()
    };
    Ok(Held { everywhere: last(false), somewhere: last(true) })
}

/// Forgets all that counts against an account, which is locked, by any of its names, keyed digests. Says whether
/// anything did.
pub async fn lift(tx: &mut Tx, user: &UserRow, names: &[String]) -> db::Result<bool> {
    let mut counted = user.locked_until.is_some();
    for name in names {
        counted |= queries::forget_name(tx, name, EVERYWHERE).await? > 0;
    }
    accounts::unlock(tx, user.id).await?;
    if counted {
        outbox::emit(tx, &UserUnlocked { user_id: user.id, cause: "admin".into() }).await?;
    }
    Ok(counted)
}

/// Ends up to `most` locks of accounts whose time has come, and tells it; says how many.
pub async fn unlock_due(tx: &mut Tx, most: i64) -> db::Result<usize> {
    let users = accounts::unlock_due(tx, REMEMBERED + APART, most).await?;
    for user in &users {
        history::note(tx, Kind::Unlocked, Some(*user), None, &Visitor::default()).await?;
        outbox::emit(tx, &UserUnlocked { user_id: *user, cause: "expired".into() }).await?;
    }
    Ok(users.len())
}

/// Deletes up to `most` counts whose last failure was before `before`; says how many.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> db::Result<usize> {
    queries::sweep(conn, before, most).await
}

/// Tells that an account is locked. Its owner is mailed when it was not: its address and its name are locked apart.
async fn close(tx: &mut Tx, user: &UserRow, until: Timestamp, visitor: &Visitor) -> Result<(), Problem> {
    let now = tx.now();
    let was_locked = user.locked_until.is_some_and(|at| holds(at.0, REMEMBERED, now));
    accounts::lock(tx, user.id, until).await?;
    history::note(tx, Kind::Locked, Some(user.id), None, visitor).await?;
    outbox::emit(tx, &UserLocked { user_id: user.id, until, cause: "failures".into() }).await?;
    tracing::warn!(user.id = %user.id, %until, "too many wrong passwords or codes from everywhere: the account is locked");
    if was_locked {
        return Ok(());
    }
    match accounts::whole(tx, user.id).await? {
        Some(account) => notices::locked(tx, &account, until).await,
        None => Ok(()),
    }
}
