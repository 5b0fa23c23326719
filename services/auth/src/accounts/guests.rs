//! Accounts that are made or proven by what a provider says of somebody, without a password.

use contracts::auth::{ContactChanged, Method, UserEmailVerified, UserRegistered};
use contracts::{Language, Role, Roles, Tier, UserId};
use db::{Connection, Ts, Tx};
use problem::Problem;

use super::eviction::evict;
use super::row::{NewUserRow, ProfileRow, StoredRoles, UserRow};
use super::rules::Identifier;
use super::{queries, tell_proof, tell_whole_contact};
use crate::revocations::Ended;
use crate::sessions::Visitor;

/// Somebody whose address a provider had proven, and who has no account yet.
#[derive(Clone, Debug)]
pub struct Guest<'a> {
    /// The address, in its one spelling.
    pub email: &'a str,
    /// A name in full.
    pub full_name: Option<&'a str>,
    /// Where a picture is.
    pub picture: Option<&'a str>,
    /// The language to be spoken to in.
    pub language: Language,
    /// Through whom.
    pub method: Method,
}

/// The account at an address, which nobody else changes until the transaction ends.
pub async fn at(tx: &mut Tx, email: &str) -> db::Result<Option<UserRow>> {
    queries::locked_at(tx, email).await
}

/// Whether an address has an account that has proven it; none where it has no account.
pub async fn is_proven(conn: &mut Connection, email: &str) -> db::Result<Option<bool>> {
    let user = queries::named(conn, &Identifier::Email(email.to_owned())).await?;
    Ok(user.map(|user| user.is_verified))
}

/// Makes an account, proven and without a password; none where the address has one by now.
pub async fn enrol(tx: &mut Tx, guest: &Guest<'_>) -> db::Result<Option<UserRow>> {
    let now = tx.now();
    let new = NewUserRow {
        id: UserId::at(now),
        email: guest.email,
        username: None,
        password_hash: None,
        locale: guest.language.tag(),
        roles: StoredRoles(Roles::default().with(Role::User)),
        tier: Tier::Free.name(),
        is_verified: true,
        created_at: Ts(now),
        updated_at: Ts(now),
    };
    let Some(user) = queries::insert(tx, &new).await? else { return Ok(None) };
    let profile = ProfileRow {
        user_id: user.id,
        full_name: guest.full_name.map(str::to_owned),
        profile_picture_url: guest.picture.map(str::to_owned),
        preferences: None,
        version: 0,
        updated_at: user.created_at,
    };
    queries::write_profile(tx, &profile).await?;
    tell(tx, &user, guest).await?;
    metrics::counter!("users_registered_total").increment(1);
    Ok(Some(user))
}

async fn tell(tx: &mut Tx, user: &UserRow, guest: &Guest<'_>) -> db::Result<()> {
    let registered =
        UserRegistered { user_id: user.id, method: guest.method, locale: user.language(), tier: user.tier() };
    outbox::emit(tx, &registered).await?;
    outbox::emit(tx, &UserEmailVerified { user_id: user.id, via: "provider".into() }).await?;
    let contact = ContactChanged {
        user_id: user.id,
        email: user.email.clone(),
        email_verified: true,
        username: None,
        full_name: guest.full_name.map(str::to_owned),
        picture_url: guest.picture.map(str::to_owned),
        locale: user.language(),
        version: user.contact_version,
    };
    outbox::emit(tx, &contact).await.map(drop)
}

/// Notes that the owner of an account's address proved it by a mailed link, who may be another than whoever chose the
/// account's password: that, what was entered by it and whatever else he left there to enter by is void. The account is
/// locked.
pub async fn prove(tx: &mut Tx, user: &UserRow, visitor: &Visitor) -> Result<(UserRow, Ended), Problem> {
    let now = tx.now();
    queries::verify(tx, user.id, None, now).await?;
    let user = queries::drop_password(tx, user.id, now).await?;
    tell_proof(tx, &user, visitor).await?;
    tell_whole_contact(tx, &user).await?;
    let ended = evict(tx, user.id).await?;
    Ok((user, ended))
}
