//! Invitations: an account that an administrator makes for an address, and the link by which its owner chooses the first
//! password. Until then it has none, so nobody enters it, whatever a stranger registers meanwhile.

use contracts::auth::{Method, UserRegistered};
use contracts::{Language, Role, Roles, Tier, UserId};
use db::{Connection, Ts, Tx};
use problem::Problem;
use url::Url;

use super::eviction::evict;
use super::links::{self, Errand};
use super::row::{NewUserRow, ProfileRow, StoredRoles, UserRow};
use super::rules::{Identifier, Purpose};
use super::{queries, tell_contact, tell_whole_contact};
use crate::revocations::Ended;

/// Somebody who is invited.
pub struct Invited<'a> {
    /// The address; the link is mailed to it.
    pub email: &'a str,
    /// What the account may do.
    pub roles: Roles,
    /// The language it is spoken to in.
    pub locale: Language,
    /// A name in full.
    pub full_name: Option<&'a str>,
}

/// An account that waits for its owner.
pub struct Made {
    /// The account.
    pub user: UserRow,
    /// What it might do before.
    pub old: Roles,
    /// What ended of somebody else, of whom the verifier of this process is to be told once it is committed.
    pub ended: Ended,
}

/// The account that an invitation to this address takes over, if it has one that nobody has proven: to be locked before
/// the invitation is made.
pub async fn taken_over(conn: &mut Connection, email: &str) -> db::Result<Option<UserId>> {
    let there = queries::named(conn, &Identifier::Email(email.to_owned())).await?;
    Ok(there.filter(is_unowned).map(|user| user.id))
}

/// Makes the account, or takes over one that somebody registered and never proved, and mails the link; nothing where the
/// address has an account otherwise.
pub async fn make(tx: &mut Tx, public_url: &Url, invited: &Invited<'_>) -> Result<Option<Made>, Problem> {
    let now = tx.now();
    let new = NewUserRow {
        id: UserId::at(now),
        email: invited.email,
        username: None,
        password_hash: None,
        locale: invited.locale.tag(),
        roles: StoredRoles(invited.roles),
        tier: Tier::Free.name(),
        is_verified: false,
        created_at: Ts(now),
        updated_at: Ts(now),
    };
    let Some(user) = queries::insert(tx, &new).await? else { return take_over(tx, public_url, invited).await };
    let profile = ProfileRow {
        user_id: user.id,
        full_name: invited.full_name.map(str::to_owned),
        profile_picture_url: None,
        preferences: None,
        version: 0,
        updated_at: Ts(now),
    };
    queries::write_profile(tx, &profile).await?;
    let registered =
        UserRegistered { user_id: user.id, method: Method::Invitation, locale: user.language(), tier: user.tier() };
    outbox::emit(tx, &registered).await?;
    tell_contact(tx, &user, profile.full_name).await?;
    mail(tx, public_url, &user, invited.full_name).await?;
    metrics::counter!("users_registered_total").increment(1);
    Ok(Some(Made { user, old: Roles::default().with(Role::User), ended: Ended::default() }))
}

/// Whoever registered an address and never proved it may be a stranger: nothing of his opens the account any more, and
/// no link that was mailed for him.
async fn take_over(tx: &mut Tx, public_url: &Url, invited: &Invited<'_>) -> Result<Option<Made>, Problem> {
    let Some(before) = queries::locked_at(tx, invited.email).await?.filter(is_unowned) else { return Ok(None) };
    let now = tx.now();
    let user = queries::hand_over(tx, before.id, invited.roles, invited.locale.tag(), now).await?;
    links::void(tx, user.id, Purpose::VerifyEmail).await?;
    let ended = evict(tx, user.id).await?;
    tell_whole_contact(tx, &user).await?;
    mail(tx, public_url, &user, invited.full_name).await?;
    Ok(Some(Made { user, old: before.roles(), ended }))
}

/// Somebody chose its password, and nobody showed that the address is his.
fn is_unowned(user: &UserRow) -> bool {
    user.is_active && !user.is_verified && user.password_hash.is_some()
}

/// Mails the link to the owner of an account that has no password yet; older ones are void.
pub async fn mail(tx: &mut Tx, public_url: &Url, user: &UserRow, name: Option<&str>) -> Result<(), Problem> {
    let purpose = Purpose::Invitation;
    links::void(tx, user.id, purpose).await?;
    let errand = Errand { purpose, user, to: &user.email, name, password_hash: None };
    links::mail(tx, public_url, errand).await
}
