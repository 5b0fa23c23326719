//! Accounts: who may log in. An address is proven by a link that was mailed to it; a name is claimed here first.
//!
//! Whether an address has an account is told to its owner alone, by mail. Each change of how to reach an account is
//! told whole, in the transaction that makes it. Start with [`register`].

pub mod accept_invitation;
pub mod change_email;
pub mod change_password;
pub mod claim_username;
pub mod confirm_change_email;
pub mod forgot_password;
pub mod me;
pub mod register;
pub mod resend_verification;
pub mod reset_password;
pub mod show_change_email;
pub mod show_invitation;
pub mod show_reset_password;
pub mod show_verify_email;
pub mod verify_email;

pub mod appoint;
pub mod eviction;
pub mod guests;
pub mod invitations;
pub mod letter;
pub mod links;
pub mod notices;
pub mod owner;
pub mod pages;
pub mod queries;
pub mod row;
pub mod rules;
pub mod view;

use std::collections::BTreeMap;

use clock::Clock;
use contracts::auth::{ContactChanged, UserEmailVerified};
use contracts::{EventId, Roles, UserId};
use db::{Connection, Tx};
use jiff::{SignedDuration, Timestamp};
use problem::Problem;
use url::Url;
use uuid::Uuid;

use crate::history::{self, Kind};
use crate::revocations::{self, Ended};
use crate::sessions::Visitor;
use crate::state::State;
use crate::tiers::rules::not_before;
use letter::Letter;
use links::Errand;
use row::{AccountRow, ProfileRow, UserRow};
use rules::{Identifier, Purpose};

/// The account that somebody names.
pub async fn named(conn: &mut Connection, identifier: &Identifier) -> db::Result<Option<UserRow>> {
    queries::named(conn, identifier).await
}

/// The account, which nobody else changes until the transaction ends.
pub async fn locked(tx: &mut Tx, user: UserId) -> db::Result<Option<UserRow>> {
    queries::locked(tx, user).await
}

/// These accounts in the order of their ids, in which everybody locks them; nobody else changes them until the
/// transaction ends.
pub async fn locked_in_order(tx: &mut Tx, users: &[UserId]) -> db::Result<Vec<UserRow>> {
    queries::locked_in_order(tx, users).await
}

/// Gives an account other roles; its tokens from before `not_before` are void.
pub async fn reappoint(tx: &mut Tx, user: UserId, roles: Roles, not_before: Timestamp) -> db::Result<UserRow> {
    let now = tx.now();
    queries::appoint(tx, user, roles, not_before, now).await
}

/// Makes all tokens void that an account, which is locked, has by now: its sessions go on, with others.
pub async fn void_tokens(tx: &mut Tx, clock: &Clock, user: &UserRow) -> db::Result<Ended> {
    let not_before = not_before(user.tokens_not_before.map(|at| at.0), clock.now());
    queries::void_tokens(tx, user.id, not_before).await?;
    let mut ended = Ended::default();
    ended.push(revocations::of_user(tx, user.id, not_before).await?);
    Ok(ended)
}

/// The account with what users knows of it.
pub async fn whole(conn: &mut Connection, user: UserId) -> db::Result<Option<AccountRow>> {
    queries::whole(conn, user).await
}

/// The same, and nobody changes the account until the transaction ends.
pub async fn shared_whole(tx: &mut Tx, user: UserId) -> db::Result<Option<AccountRow>> {
    if queries::shared(tx, user).await?.is_none() {
        return Ok(None);
    }
    queries::whole(tx, user).await
}

/// Notes a login, which ends the count of failed ones, and the new hash of its password where the old one is still
/// there.
pub async fn note_login(tx: &mut Tx, user: &UserRow, rehashed: Option<&str>) -> db::Result<()> {
    let now = tx.now();
    queries::note_login(tx, user.id, now).await?;
    rehash(tx, user, rehashed).await
}

/// Notes the new hash of a password that was right, where the old one is still there.
pub async fn rehash(tx: &mut Tx, user: &UserRow, rehashed: Option<&str>) -> db::Result<()> {
    match user.password_hash.as_deref().zip(rehashed) {
        Some((old, new)) => queries::rehash(tx, user.id, old, new).await,
        None => Ok(()),
    }
}

/// Counts a failed login of an account, and answers it; nobody has none, after the same work.
pub async fn note_failure(tx: &mut Tx, user: Option<UserId>) -> db::Result<Option<UserRow>> {
    queries::note_failure(tx, user.unwrap_or(UserId(Uuid::nil()))).await
}

/// Notes until when an account is locked.
pub async fn lock(tx: &mut Tx, user: UserId, until: Timestamp) -> db::Result<()> {
    queries::lock(tx, user, until).await
}

/// Notes that an account is locked no more, and that no failure counts.
pub async fn unlock(tx: &mut Tx, user: UserId) -> db::Result<()> {
    queries::unlock(tx, user).await
}

/// Ends up to `most` locks that are over, or that end later than a lock of `longest` can; says whose.
pub async fn unlock_due(tx: &mut Tx, longest: SignedDuration, most: i64) -> db::Result<Vec<UserId>> {
    let now = tx.now();
    queries::unlock_due(tx, now, now + longest, most).await
}

/// Writes the copy of a profile. One whose account is gone has nowhere to go.
pub async fn copy_profile(tx: &mut Tx, profile: &ProfileRow) -> db::Result<()> {
    if queries::exists(tx, profile.user_id).await? { queries::write_profile(tx, profile).await } else { Ok(()) }
}

/// Deletes links that stopped working long ago; says how many.
pub async fn sweep_links(conn: &mut Connection, before: Timestamp, most: i64) -> db::Result<usize> {
    queries::sweep_links(conn, before, most).await
}

/// Tells how to reach the account. `full_name` is what was given at registration.
async fn tell_contact(tx: &mut Tx, user: &UserRow, full_name: Option<String>) -> db::Result<()> {
    let contact = ContactChanged {
        user_id: user.id,
        email: user.email.clone(),
        email_verified: user.is_verified,
        username: user.username.clone(),
        full_name,
        picture_url: None,
        locale: user.language(),
        version: user.contact_version,
    };
    outbox::emit(tx, &contact).await.map(drop)
}

/// The same of an account whose name in full is looked up.
async fn tell_whole_contact(tx: &mut Tx, user: &UserRow) -> db::Result<()> {
    let name = queries::whole(tx, user.id).await?.and_then(|account| account.full_name());
    tell_contact(tx, user, name).await
}

/// Tells that the owner proved the address by a link that was mailed there, and notes it.
async fn tell_proof(tx: &mut Tx, user: &UserRow, visitor: &Visitor) -> db::Result<()> {
    outbox::emit(tx, &UserEmailVerified { user_id: user.id, via: "link".into() }).await?;
    history::note(tx, Kind::EmailVerified, Some(user.id), None, visitor).await
}

/// So many mails because of one address or account, whether it exists or not.
pub async fn may_mail(state: &State, because_of: impl Into<limits::Key>) -> Result<(), Problem> {
    let policy = &state.policies.mail;
    let decision = state.limiter.check_shared(policy, because_of, 1).await;
    if decision.allowed { Ok(()) } else { Err(decision.problem(policy)) }
}

/// Mails the owner of the account's address a link that proves it. `password_hash` is the password that holds once it
/// is used, where another one was chosen since the account was made.
async fn mail_link(
    tx: &mut Tx,
    public_url: &Url,
    user: &UserRow,
    name: Option<&str>,
    password_hash: Option<String>,
) -> Result<(), Problem> {
    links::mail(tx, public_url, Errand { purpose: Purpose::VerifyEmail, user, to: &user.email, name, password_hash })
        .await
}

/// Tells the owner of an account that somebody gave its address for another.
async fn mail_account_exists(tx: &mut Tx, public_url: &Url, user: &UserRow) -> Result<(), Problem> {
    let (now, home, template) = (tx.now(), site(public_url), "account_exists");
    let words = params(&[("link", Some(&home)), ("name", user.username.as_deref())]);
    // Not named after the account: a mail's series stays when the account is erased.
    let dedup_key = format!("{template}:{}", EventId::at(now));
    let expires_at = now + rules::VERIFY_WITHIN;
    Ok(Letter { template, user, to: &user.email, words, dedup_key, expires_at }.send(tx).await?)
}

/// What a mail's template shows, without what is not there.
pub fn params(pairs: &[(&str, Option<&str>)]) -> BTreeMap<String, String> {
    pairs.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.to_owned()))).collect()
}

/// The site's address, ending in a slash.
pub fn site(public_url: &Url) -> String {
    format!("{}/", public_url.as_str().trim_end_matches('/'))
}
