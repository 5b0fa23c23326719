//! Mails that tell an owner what happened to the account. They ask for nothing and hold no secret, and nothing in them is
//! what a visitor chose to call himself.

use std::collections::BTreeMap;

use contracts::mail::Send;
use contracts::{EventId, Language, SessionId};
use db::Tx;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use problem::Problem;

use super::params;
use super::row::{AccountRow, UserRow};
use crate::sessions::Visitor;

/// One that comes later is of no use.
const WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The password is another.
    PasswordChanged,
    /// Somebody asked for another address.
    EmailChangeRequested,
    /// The address is another.
    EmailChanged,
}

impl Notice {
    /// The name of its mail.
    fn template(self) -> &'static str {
        match self {
            Self::PasswordChanged => "password_changed",
            Self::EmailChangeRequested => "email_change_requested",
            Self::EmailChanged => "email_changed",
        }
    }
}

/// A mail to an owner.
struct Letter<'a> {
    template: &'static str,
    user: &'a UserRow,
    to: &'a str,
    words: BTreeMap<String, String>,
    dedup_key: String,
}

/// Mails it to an address of the account.
pub async fn mail(tx: &mut Tx, notice: Notice, user: &UserRow, to: &str) -> db::Result<()> {
    let template = notice.template();
    let dedup_key = format!("{template}:{}", EventId::at(tx.now()));
    let words = params(&[("name", user.username.as_deref())]);
    Letter { template, user, to, words, dedup_key }.send(tx).await
}

/// Tells that a session was opened by a device that the account did not know.
pub async fn new_device(
    tx: &mut Tx,
    account: &AccountRow,
    session: SessionId,
    visitor: &Visitor,
) -> Result<(), Problem> {
    let (unknown_device, unknown_network) = match account.user.language() {
        Language::Fr => ("appareil inconnu", "réseau inconnu"),
        Language::En => ("unknown device", "unknown network"),
    };
    let (network, when) = (visitor.network(), local(tx.now(), account));
    let words = [
        ("device", visitor.device.as_deref().unwrap_or(unknown_device)),
        ("network", network.as_deref().unwrap_or(unknown_network)),
        ("when", when.as_str()),
    ];
    warn(tx, account, "new_device", &words, format!("new_device:{session}")).await
}

/// Tells that an account is locked until a moment.
pub async fn locked(tx: &mut Tx, account: &AccountRow, until: Timestamp) -> Result<(), Problem> {
    let key = format!("account_locked:{}:{}", account.user.id, until.as_microsecond());
    warn(tx, account, "account_locked", &[("until", local(until, account).as_str())], key).await
}

/// Mails a warning, to an address that was proven alone.
async fn warn(
    tx: &mut Tx,
    account: &AccountRow,
    template: &'static str,
    words: &[(&str, &str)],
    dedup_key: String,
) -> Result<(), Problem> {
    let user = &account.user;
    if !user.is_active || !user.is_verified {
        return Ok(());
    }
    let full_name = account.full_name();
    let mut shown = params(&[("name", full_name.as_deref().or(user.username.as_deref()))]);
    shown.extend(words.iter().map(|(name, word)| ((*name).to_owned(), (*word).to_owned())));
    Letter { template, user, to: &user.email, words: shown, dedup_key }.send(tx).await?;
    Ok(())
}

impl Letter<'_> {
    async fn send(self, tx: &mut Tx) -> db::Result<()> {
        let Self { template, user, to, words, dedup_key } = self;
        let mail = Send {
            template: template.into(),
            to: Some(to.to_owned()),
            user_id: Some(user.id),
            locale: Some(user.language()),
            params: words,
            dedup_key,
            expires_at: tx.now() + WITHIN,
        };
        outbox::emit(tx, &mail).await.map(drop)
    }
}

/// A moment as the owner's clock shows it.
fn local(at: Timestamp, account: &AccountRow) -> String {
    let zone = clock::zone(&account.preferences().timezone).unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).strftime("%Y-%m-%d %H:%M %Z").to_string()
}
