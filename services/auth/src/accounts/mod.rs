//! Accounts: who may log in. An address is proven by a link that was mailed to it; a name is claimed here first.
//!
//! Whether an address has an account is told to its owner alone, by mail. Each change of how to reach an account is
//! told whole, in the transaction that makes it. Start with [`register`].

pub mod claim_username;
pub mod me;
pub mod register;
pub mod resend_verification;
pub mod show_verify_email;
pub mod verify_email;

pub mod appoint;
pub mod pages;
pub mod queries;
pub mod row;
pub mod rules;
pub mod view;

use std::collections::BTreeMap;

use contracts::UserId;
use contracts::auth::ContactChanged;
use contracts::mail;
use db::{Connection, Ts, Tx};
use problem::Problem;
use url::Url;

use crate::secrets::Token;
use row::{AccountRow, LinkRow, ProfileRow, UserRow};
use rules::Identifier;

/// What a link that proves an address is good for.
const VERIFY_EMAIL: &str = "verify_email";

/// The account that somebody names.
pub async fn named(conn: &mut Connection, identifier: &Identifier) -> db::Result<Option<UserRow>> {
    queries::named(conn, identifier).await
}

/// The account, which nobody else changes until the transaction ends.
pub async fn locked(tx: &mut Tx, user: UserId) -> db::Result<Option<UserRow>> {
    queries::locked(tx, user).await
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

/// Notes a login, and the new hash of its password where the old one is still there.
pub async fn note_login(tx: &mut Tx, user: &UserRow, rehashed: Option<&str>) -> db::Result<()> {
    let hashes = user.password_hash.as_deref().zip(rehashed);
    let now = tx.now();
    queries::note_login(tx, user.id, hashes, now).await
}

/// Writes the copy of a profile. One whose account is gone has nowhere to go.
pub async fn copy_profile(tx: &mut Tx, profile: &ProfileRow) -> db::Result<()> {
    if queries::exists(tx, profile.user_id).await? { queries::write_profile(tx, profile).await } else { Ok(()) }
}

/// Deletes links that stopped working long ago; says how many.
pub async fn sweep_links(conn: &mut Connection, before: jiff::Timestamp, most: i64) -> db::Result<usize> {
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

/// Mails the owner of the account's address a link that proves it. `password_hash` is the password that holds once it
/// is used, where another one was chosen since the account was made.
async fn mail_link(
    tx: &mut Tx,
    public_url: &Url,
    user: &UserRow,
    name: Option<&str>,
    password_hash: Option<String>,
) -> Result<(), Problem> {
    let token = Token::random()?;
    let (digest, now) = (token.digest(), tx.now());
    let expires_at = now + rules::VERIFY_WITHIN;
    let link = LinkRow {
        token_hash: digest.clone(),
        user_id: user.id,
        purpose: VERIFY_EMAIL.into(),
        email: user.email.clone(),
        password_hash,
        created_at: Ts(now),
        expires_at: Ts(expires_at),
        used_at: None,
    };
    queries::insert_link(tx, &link).await?;
    let address = format!("{}api/v1/auth/verify-email?token={}", site(public_url), token.show());
    let mail = mail::Send {
        template: VERIFY_EMAIL.into(),
        to: Some(user.email.clone()),
        user_id: Some(user.id),
        locale: Some(user.language()),
        params: params(&[("link", Some(&address)), ("name", name.or(user.username.as_deref()))]),
        dedup_key: format!("{VERIFY_EMAIL}:{}", hex::encode(digest.get(..12).unwrap_or_default())),
        expires_at,
    };
    outbox::emit(tx, &mail).await?;
    Ok(())
}

/// Tells the owner of an account that somebody registered its address again.
async fn mail_account_exists(tx: &mut Tx, public_url: &Url, user: &UserRow) -> Result<(), Problem> {
    let now = tx.now();
    let home = site(public_url);
    let mail = mail::Send {
        template: "account_exists".into(),
        to: Some(user.email.clone()),
        user_id: Some(user.id),
        locale: Some(user.language()),
        params: params(&[("link", Some(&home)), ("name", user.username.as_deref())]),
        dedup_key: format!("account_exists:{}:{}", user.id, now.as_microsecond()),
        expires_at: now + rules::VERIFY_WITHIN,
    };
    outbox::emit(tx, &mail).await?;
    Ok(())
}

fn params(pairs: &[(&str, Option<&str>)]) -> BTreeMap<String, String> {
    pairs.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.to_owned()))).collect()
}

/// The site's address, ending in a slash.
fn site(public_url: &Url) -> String {
    format!("{}/", public_url.as_str().trim_end_matches('/'))
}
