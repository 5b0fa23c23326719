//! Administrators, made from the command line: a new account whose address is taken as proven, or an old one promoted.

use clock::Clock;
use contracts::auth::{Method, UserEmailVerified, UserRegistered, UserRoleChanged};
use contracts::{Language, Role, Roles, Tier, UserId};
use db::{Db, Ts, Tx};
use jiff::Timestamp;
use problem::Problem;

use super::eviction::evict;
use super::row::{NewUserRow, StoredRoles, UserRow};
use super::{queries, rules, tell_contact};
use crate::history::{self, Kind};
use crate::passwords::{Rules, Scheme, scheme};
use crate::revocations;
use crate::sessions::Visitor;
use crate::tiers::rules::not_before;

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appointed {
    /// There is a new account.
    Created,
    /// The account was there, and is an administrator's now.
    Promoted,
    /// It was an administrator's already.
    Already,
}

/// Why it cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Not a mail address.
    #[error("this is not a mail address")]
    NotAnAddress,
    /// A new account, or one whose address nobody has proven, needs a password from who appoints.
    #[error("no account has proven this address: a password is needed")]
    PasswordNeeded,
    /// One that is refused.
    #[error("this password is refused: {0}")]
    WeakPassword(&'static str),
    /// The account is closed.
    #[error("this account is deactivated")]
    Deactivated,
    /// What it is told is not complete.
    #[error("{0}")]
    Configuration(settings::Report),
    /// What else can go wrong.
    #[error("{0}")]
    Failed(Problem),
}

impl<E: Into<Problem>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// What passwords are hashed and judged by.
pub struct Passwords<'a> {
    /// Which are refused.
    pub rules: &'a Rules,
    /// How they are hashed.
    pub scheme: Scheme,
}

/// Makes the account of `email` an administrator's.
pub async fn appoint(
    db: &Db,
    passwords: &Passwords<'_>,
    email: &str,
    password: Option<&str>,
) -> Result<Appointed, Refused> {
    let email = rules::address(email).map_err(|_| Refused::NotAnAddress)?;
    let mut hash = None;
    if let Some(password) = password {
        let weak = |weak| Refused::WeakPassword(crate::codes::weak_word(weak));
        passwords.rules.check(password, &[&email]).map_err(weak)?;
        let hashed = scheme::hash(
            passwords.scheme,
            &crate::passwords::hasher::folded(password),
            &mut scheme::Workspace::default(),
        );
        hash = Some(hashed.map_err(|e| Problem::new(&problem::codes::INTERNAL).because(e))?);
    }
    let (email, hash) = (email.as_str(), hash.as_deref());
    db.tx(async |tx: &mut Tx| match queries::locked_at(tx, email).await? {
        None => create(tx, email, hash.ok_or(Refused::PasswordNeeded)?).await,
        Some(user) => promote(tx, db.clock(), user, hash).await,
    })
    .await
}

async fn create(tx: &mut Tx, email: &str, password_hash: &str) -> Result<Appointed, Refused> {
    let now = tx.now();
    let new = NewUserRow {
        id: UserId::at(now),
        email,
        username: None,
        password_hash: Some(password_hash),
        locale: Language::default().tag(),
        roles: StoredRoles(Roles::default().with(Role::User).with(Role::Admin)),
        tier: Tier::Free.name(),
        is_verified: true,
        created_at: Ts(now),
        updated_at: Ts(now),
    };
    let user = queries::insert(tx, &new).await?.ok_or(Refused::PasswordNeeded)?;
    let registered =
        UserRegistered { user_id: user.id, method: Method::Invitation, locale: user.language(), tier: user.tier() };
    outbox::emit(tx, &registered).await?;
    outbox::emit(tx, &UserEmailVerified { user_id: user.id, via: "admin".into() }).await?;
    tell_contact(tx, &user, None).await?;
    tell_roles(tx, &user, Roles::default().with(Role::User), now).await?;
    Ok(Appointed::Created)
}

/// By the clock, once the account is locked: a token that was made while it was waited for is old.
async fn promote(tx: &mut Tx, clock: &Clock, user: UserRow, hash: Option<&str>) -> Result<Appointed, Refused> {
    if !user.is_active {
        return Err(Refused::Deactivated);
    }
    let (now, old) = (clock.now(), user.roles());
    let user = if user.is_verified { user } else { take_over(tx, user, hash).await? };
    if old.has(Role::Admin) {
        return Ok(Appointed::Already);
    }
    let not_before = not_before(user.tokens_not_before.map(|at| at.0), now);
    let user = queries::appoint(tx, user.id, old.with(Role::Admin), not_before, now).await?;
    revocations::of_user(tx, user.id, not_before).await?;
    tell_roles(tx, &user, old, not_before).await?;
    history::note(tx, Kind::RoleChanged, Some(user.id), None, &Visitor::default()).await?;
    Ok(Appointed::Promoted)
}

/// An account whose address nobody has proven belongs to nobody: who appoints says by which password it is entered.
async fn take_over(tx: &mut Tx, user: UserRow, hash: Option<&str>) -> Result<UserRow, Refused> {
    let hash = hash.ok_or(Refused::PasswordNeeded)?;
    let now = tx.now();
    let user = queries::verify(tx, user.id, Some(hash), now).await?;
    outbox::emit(tx, &UserEmailVerified { user_id: user.id, via: "admin".into() }).await?;
    tell_contact(tx, &user, None).await?;
    // There is no verifier in this process: the others hear it.
    let _told = evict(tx, user.id).await?;
    Ok(user)
}

async fn tell_roles(tx: &mut Tx, user: &UserRow, old: Roles, not_before: Timestamp) -> db::Result<()> {
    let changed = UserRoleChanged { user_id: user.id, old, new: user.roles(), by: None, not_before };
    outbox::emit(tx, &changed).await.map(drop)
}
