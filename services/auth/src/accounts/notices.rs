//! Mails that tell an owner what happened to the account. They ask for nothing and hold no secret, and nothing in them
//! is what a visitor chose to call himself.

use std::collections::BTreeMap;

use contracts::{EventId, Language, SessionId, Tier};
use db::Tx;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use problem::Problem;
use uuid::Uuid;

use super::letter::Letter;
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
    /// A second factor was turned on.
    MfaEnabled,
    /// A second factor was turned off.
    MfaDisabled,
    /// The recovery codes are others.
    RecoveryCodesRenewed,
    /// The account has another passkey.
    PasskeyAdded,
    /// The account has a passkey less.
    PasskeyRemoved,
    /// An administrator closed the account.
    AccountDeactivated,
    /// An administrator opened it again.
    AccountActivated,
    /// Somebody asked for all that is held about the owner.
    ExportRequested,
    /// It can be downloaded.
    ExportReady,
    /// A provider opens the account as well.
    IdentityLinked,
    /// A provider does not open it any more.
    IdentityUnlinked,
}

impl Notice {
    /// The name of its mail.
    fn template(self) -> &'static str {
        match self {
            Self::PasswordChanged => "password_changed",
            Self::EmailChangeRequested => "email_change_requested",
            Self::EmailChanged => "email_changed",
            Self::MfaEnabled => "mfa_enabled",
            Self::MfaDisabled => "mfa_disabled",
            Self::RecoveryCodesRenewed => "recovery_codes_renewed",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRemoved => "passkey_removed",
            Self::AccountDeactivated => "account_deactivated",
            Self::AccountActivated => "account_activated",
            Self::ExportRequested => "export_requested",
            Self::ExportReady => "export_ready",
            Self::IdentityLinked => "identity_linked",
            Self::IdentityUnlinked => "identity_unlinked",
        }
    }
}

/// Mails it to an address of the account.
pub async fn mail(tx: &mut Tx, notice: Notice, user: &UserRow, to: &str) -> db::Result<()> {
    let words = params(&[("name", user.username.as_deref())]);
    letter(tx, notice, user, to, words).await
}

/// Mails the account's own address what happened with `provider`, which configuration calls so.
pub async fn of_provider(tx: &mut Tx, notice: Notice, user: &UserRow, provider: &str) -> db::Result<()> {
    let words = params(&[("name", user.username.as_deref()), ("provider", Some(provider))]);
    letter(tx, notice, user, &user.email, words).await
}

async fn letter(
    tx: &mut Tx,
    notice: Notice,
    user: &UserRow,
    to: &str,
    words: BTreeMap<String, String>,
) -> db::Result<()> {
    let (template, now) = (notice.template(), tx.now());
    let dedup_key = format!("{template}:{}", EventId::at(now));
    Letter { template, user, to, words, dedup_key, expires_at: now + WITHIN }.send(tx).await
}

/// Tells that a recovery code was used, and how many are left.
pub async fn recovery_code_used(tx: &mut Tx, user: &UserRow, left: i64) -> db::Result<()> {
    let (now, template, left) = (tx.now(), "recovery_code_used", left.to_string());
    let words = params(&[("name", user.username.as_deref()), ("left", Some(&left))]);
    let dedup_key = format!("{template}:{}", EventId::at(now));
    Letter { template, user, to: &user.email, words, dedup_key, expires_at: now + WITHIN }.send(tx).await
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

/// Tells that the account has another tier.
pub async fn tier(tx: &mut Tx, account: &AccountRow) -> Result<(), Problem> {
    let template = match account.user.tier() {
        Tier::Premium => "premium_started",
        Tier::Free => "premium_ended",
    };
    let key = format!("{template}:{}", EventId::at(tx.now()));
    warn(tx, account, template, &[], key).await
}

/// Tells that a payment of a subscription failed, and until when PREMIUM stays.
pub async fn payment_failed(
    tx: &mut Tx,
    account: &AccountRow,
    subscription: Uuid,
    until: Timestamp,
) -> Result<(), Problem> {
    let key = format!("payment_failed:{subscription}:{}", until.as_second());
    warn(tx, account, "payment_failed", &[("until", local(until, account).as_str())], key).await
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
    let expires_at = tx.now() + WITHIN;
    Ok(Letter { template, user, to: &user.email, words: shown, dedup_key, expires_at }.send(tx).await?)
}

/// A moment as the owner's clock shows it.
fn local(at: Timestamp, account: &AccountRow) -> String {
    let zone = clock::zone(&account.preferences().timezone).unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).strftime("%Y-%m-%d %H:%M %Z").to_string()
}
