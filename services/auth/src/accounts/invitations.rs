//! Invitations: an account that an administrator makes for an address, and the link by which its owner chooses the first
//! password. Until then it has none, so nobody enters it, whatever a stranger registers meanwhile.

use contracts::auth::{Method, UserRegistered};
use contracts::{Language, Roles, Tier, UserId};
use db::{Ts, Tx};
use problem::Problem;
use url::Url;

use super::links::{self, Errand};
use super::row::{NewUserRow, ProfileRow, StoredRoles, UserRow};
use super::rules::Purpose;
use super::{queries, tell_contact};

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

/// Makes the account and mails the link; nothing where the address has an account.
pub async fn make(tx: &mut Tx, public_url: &Url, invited: &Invited<'_>) -> Result<Option<UserRow>, Problem> {
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
    let Some(user) = queries::insert(tx, &new).await? else { return Ok(None) };
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
    Ok(Some(user))
}

/// Mails the link to the owner of an account that has no password yet; older ones are void.
pub async fn mail(tx: &mut Tx, public_url: &Url, user: &UserRow, name: Option<&str>) -> Result<(), Problem> {
    let purpose = Purpose::Invitation;
    links::void(tx, user.id, purpose).await?;
    let errand = Errand { purpose, user, to: &user.email, name, password_hash: None };
    links::mail(tx, public_url, errand).await
}
