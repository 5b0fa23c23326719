//! Links that are mailed: a secret for one purpose, one address, one use. Only its digest is kept.
//!
//! Whoever locks an account and a link locks the account first.

use contracts::UserId;
use db::{Connection, Ts, Tx};
use jiff::Timestamp;
use problem::Problem;
use url::Url;

use super::letter::Letter;
use super::row::{AccountRow, LinkRow, UserRow};
use super::rules::{self, Dead, Link, Purpose};
use super::{params, queries, site};
use crate::codes;
use crate::secrets::{Digest, Token};

/// What may have been asked for by whoever had the account until now: void once its password or address is another.
const ASKED_FOR: [Purpose; 3] = [Purpose::ResetPassword, Purpose::ChangeEmail, Purpose::LinkIdentity];

/// A link to be mailed.
pub struct Errand<'a> {
    /// What it is good for.
    pub purpose: Purpose,
    /// Whose account it is for.
    pub user: &'a UserRow,
    /// Where it is mailed.
    pub to: &'a str,
    /// What the mail calls its reader; else the account's name for others.
    pub name: Option<&'a str>,
    /// The password that holds once it is used, where one was chosen with it.
    pub password_hash: Option<String>,
}

/// Mails a new link.
pub async fn mail(tx: &mut Tx, public_url: &Url, errand: Errand<'_>) -> Result<(), Problem> {
    mailed(tx, public_url, errand, &[]).await.map(drop)
}

/// Mails a new link with more words than all such mails have; answers what is kept of its secret.
pub async fn mailed(
    tx: &mut Tx,
    public_url: &Url,
    errand: Errand<'_>,
    words: &[(&str, &str)],
) -> Result<Digest, Problem> {
    let Errand { purpose, user, to, name, password_hash } = errand;
    let token = Token::random()?;
    let (digest, now) = (token.digest(), tx.now());
    let expires_at = now + purpose.within();
    let link = LinkRow {
        token_hash: digest.clone(),
        user_id: user.id,
        purpose: purpose.name().into(),
        email: to.to_owned(),
        password_hash,
        created_at: Ts(now),
        expires_at: Ts(expires_at),
        used_at: None,
    };
    queries::insert_link(tx, &link).await?;
    let address = format!("{}api/v1/auth/{}?token={}", site(public_url), purpose.page(), token.show());
    let mut shown = params(&[("link", Some(&address)), ("name", name.or(user.username.as_deref()))]);
    shown.extend(words.iter().map(|(name, word)| ((*name).to_owned(), (*word).to_owned())));
    let template = purpose.name();
    let dedup_key = format!("{template}:{}", hex::encode(digest.get(..12).unwrap_or_default()));
    Letter { template, user, to, words: shown, dedup_key, expires_at }.send(tx).await?;
    Ok(digest)
}

/// Mails the owner of an account, which is locked, a link to set a forgotten password by; older ones are void.
pub async fn mail_reset(tx: &mut Tx, public_url: &Url, user: &UserRow) -> Result<(), Problem> {
    let purpose = Purpose::ResetPassword;
    void(tx, user.id, purpose).await?;
    mail(tx, public_url, Errand { purpose, user, to: &user.email, name: None, password_hash: None }).await
}

/// What is stored of the secret that somebody shows, if it can be one of ours.
pub fn digest(token: &str) -> Result<Digest, Problem> {
    Ok(Token::read(token).ok_or_else(invalid)?.digest())
}

/// The account that a link is for, if the link works. Neither is locked, and the link is not used up.
pub async fn account(
    conn: &mut Connection,
    digest: &[u8],
    purpose: Purpose,
    now: Timestamp,
) -> Result<AccountRow, Problem> {
    let link = queries::link(conn, digest, purpose).await?.ok_or_else(invalid)?;
    let account = queries::whole(conn, link.user_id).await?.ok_or_else(invalid)?;
    judge(&link, purpose, &account.user, now)?;
    Ok(account)
}

/// Uses a link up, if it works; answers it with its account, which nobody else changes until the transaction ends.
pub async fn take(tx: &mut Tx, digest: &[u8], purpose: Purpose) -> Result<(LinkRow, UserRow), Problem> {
    let now = tx.now();
    let seen = queries::link(tx, digest, purpose).await?.ok_or_else(invalid)?;
    let user = queries::locked(tx, seen.user_id).await?.ok_or_else(invalid)?;
    let link = queries::locked_link(tx, digest, purpose).await?.ok_or_else(invalid)?;
    judge(&link, purpose, &user, now)?;
    queries::use_link(tx, digest, now).await?;
    Ok((link, user))
}

/// Makes the links of an account void that were mailed for this purpose. The account is locked.
pub async fn void(tx: &mut Tx, user: UserId, purpose: Purpose) -> db::Result<()> {
    let now = tx.now();
    queries::void_links(tx, user, &[purpose], now).await
}

/// The same of all that was asked for before the account got another password or address.
pub async fn void_asked_for(tx: &mut Tx, user: UserId) -> db::Result<()> {
    let now = tx.now();
    queries::void_links(tx, user, &ASKED_FOR, now).await
}

/// Nothing works for an account that is closed, and no invitation for one that has a password.
fn judge(link: &LinkRow, purpose: Purpose, user: &UserRow, now: Timestamp) -> Result<(), Problem> {
    let joined = purpose == Purpose::Invitation && user.password_hash.is_some();
    if !user.is_active || joined {
        return Err(invalid());
    }
    let shown = Link { purpose, email: &link.email, expires_at: link.expires_at.0, used: link.used_at.is_some() };
    rules::works(&shown, &user.email, now).map_err(|dead| match dead {
        Dead::Invalid => invalid(),
        Dead::Expired => Problem::new(&codes::LINK_EXPIRED),
    })
}

fn invalid() -> Problem {
    Problem::new(&codes::TOKEN_INVALID)
}
