//! Mails that tell an owner what happened to the account. They ask for nothing and hold no secret.

use contracts::EventId;
use contracts::mail::Send;
use db::Tx;
use jiff::SignedDuration;

use super::params;
use super::row::UserRow;

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

/// Mails it to an address of the account.
pub async fn mail(tx: &mut Tx, notice: Notice, user: &UserRow, to: &str) -> db::Result<()> {
    let now = tx.now();
    let mail = Send {
        template: notice.template().into(),
        to: Some(to.to_owned()),
        user_id: Some(user.id),
        locale: Some(user.language()),
        params: params(&[("name", user.username.as_deref())]),
        dedup_key: format!("{}:{}", notice.template(), EventId::at(now)),
        expires_at: now + WITHIN,
    };
    outbox::emit(tx, &mail).await.map(drop)
}
