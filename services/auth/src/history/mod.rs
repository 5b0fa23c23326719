//! What happened to an account's safety: its login history, for its owner and for us. Written with what it tells.
//!
//! Names, addresses and networks are kept as keyed digests or prefixes. Start with [`note`]; an owner reads
//! the own ones by [`list`].

pub mod list;

pub mod queries;
pub mod row;

use contracts::acts::AdminAct;
use contracts::{SessionId, UserId};
use db::{Connection, Ts, Tx};
use jiff::Timestamp;
use uuid::Uuid;

use crate::sessions::Visitor;
use row::SecurityEventRow;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody signed in.
    LoggedIn,
    /// Somebody tried to.
    LoginFailed,
    /// Somebody was right at first, and is asked for a second factor.
    MfaAsked,
    /// Too many tried to: the account is locked.
    Locked,
    /// Its lock is over.
    Unlocked,
    /// Sessions were ended by their owner.
    SessionsEnded,
    /// One token was ended by whoever had it.
    TokenRevoked,
    /// A used refresh token came again.
    RefreshReused,
    /// The address was proven.
    EmailVerified,
    /// The roles changed.
    RoleChanged,
    /// The owner changed the password.
    PasswordChanged,
    /// A forgotten password was set anew.
    PasswordReset,
    /// The owner asked for another address.
    EmailChangeRequested,
    /// The account has another address.
    EmailChanged,
    /// A password that was asked for again was wrong.
    PasswordRefused,
    /// A code that was asked for again was wrong.
    CodeRefused,
    /// The owner proved once more who he is.
    SteppedUp,
    /// A second factor was turned on.
    MfaEnabled,
    /// A second factor was turned off.
    MfaDisabled,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// The account has other recovery codes.
    RecoveryCodesRenewed,
    /// The account has another tier.
    TierChanged,
    /// The account has another passkey.
    PasskeyAdded,
    /// The account has a passkey less.
    PasskeyRemoved,
    /// A passkey was made or shown that will not do.
    PasskeyRefused,
    /// Whoever was invited chose the first password.
    InvitationAccepted,
    /// An administrator did something to it.
    Admin(AdminAct),
    /// The account is to be erased.
    ErasureRequested,
    /// It is not, after all.
    ErasureCancelled,
    /// Somebody asked for all that is held about the owner.
    ExportRequested,
    /// And downloaded it.
    ExportDownloaded,
    /// It can be entered through a provider as well.
    IdentityLinked,
    /// It cannot any more.
    IdentityUnlinked,
}

impl Kind {
    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::LoggedIn => "logged_in",
            Self::LoginFailed => "login_failed",
            Self::MfaAsked => "mfa_asked",
            Self::Locked => "locked",
            Self::Unlocked => "unlocked",
            Self::SessionsEnded => "sessions_ended",
            Self::TokenRevoked => "token_revoked",
            Self::RefreshReused => "refresh_reused",
            Self::EmailVerified => "email_verified",
            Self::RoleChanged => "role_changed",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::EmailChangeRequested => "email_change_requested",
            Self::EmailChanged => "email_changed",
            Self::PasswordRefused => "password_refused",
            Self::CodeRefused => "code_refused",
            Self::SteppedUp => "stepped_up",
            Self::MfaEnabled => "mfa_enabled",
            Self::MfaDisabled => "mfa_disabled",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::RecoveryCodesRenewed => "recovery_codes_renewed",
            Self::TierChanged => "tier_changed",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRemoved => "passkey_removed",
            Self::PasskeyRefused => "passkey_refused",
            Self::InvitationAccepted => "invitation_accepted",
            Self::Admin(act) => by_admin(act),
            Self::ErasureRequested => "erasure_requested",
            Self::ErasureCancelled => "erasure_cancelled",
            Self::ExportRequested => "export_requested",
            Self::ExportDownloaded => "export_downloaded",
            Self::IdentityLinked => "identity_linked",
            Self::IdentityUnlinked => "identity_unlinked",
        }
    }
}

fn by_admin(act: AdminAct) -> &'static str {
    match act {
        AdminAct::Invited => "admin_invited",
        AdminAct::InvitedAgain => "admin_invited_again",
        AdminAct::RolesChanged => "admin_roles_changed",
        AdminAct::TierChanged => "admin_tier_changed",
        AdminAct::Deactivated => "admin_deactivated",
        AdminAct::Activated => "admin_activated",
        AdminAct::Unlocked => "admin_unlocked",
        AdminAct::SessionsEnded => "admin_sessions_ended",
        AdminAct::PasswordReset => "admin_password_reset",
        AdminAct::MfaReset => "admin_mfa_reset",
        AdminAct::ErasureRequested => "admin_erasure_requested",
        AdminAct::AccountsListed => "admin_accounts_listed",
        AdminAct::AccountSeen => "admin_account_seen",
        AdminAct::SessionsSeen => "admin_sessions_seen",
    }
}

/// Notes what happened to an account.
pub async fn note(
    tx: &mut Tx,
    kind: Kind,
    user: Option<UserId>,
    session: Option<SessionId>,
    visitor: &Visitor,
) -> db::Result<()> {
    let row = event(tx.now(), kind, user, session, visitor);
    queries::insert(tx, &row).await
}

/// Notes what an administrator did to an account, and why in his words. From where he did it is not its owner's to see.
pub async fn note_act(tx: &mut Tx, act: AdminAct, user: UserId, reason: Option<&str>) -> db::Result<()> {
    let row = SecurityEventRow {
        reason: reason.map(str::to_owned),
        ..event(tx.now(), Kind::Admin(act), Some(user), None, &Visitor::default())
    };
    queries::insert(tx, &row).await
}

/// Notes a login that failed, of somebody who may not exist: the same work either way.
pub async fn note_failure(tx: &mut Tx, user: Option<UserId>, failure: &Failure<'_>) -> db::Result<()> {
    let row = SecurityEventRow {
        reason: Some(failure.reason.to_owned()),
        identifier_hmac: Some(failure.identifier_hmac.clone()),
        ip_hmac: failure.ip_hmac.clone(),
        ..event(tx.now(), Kind::LoginFailed, user, None, failure.visitor)
    };
    queries::insert(tx, &row).await
}

/// Notes that a passkey was refused, of somebody who is signed in or about to be; why, in a word.
pub async fn note_refused_passkey(
    tx: &mut Tx,
    user: Option<UserId>,
    session: Option<SessionId>,
    why: &'static str,
    visitor: &Visitor,
) -> db::Result<()> {
    let row = event(tx.now(), Kind::PasskeyRefused, user, session, visitor);
    queries::insert(tx, &SecurityEventRow { reason: Some(why.to_owned()), ..row }).await
}

/// A login that failed.
pub struct Failure<'a> {
    /// Why, in a word.
    pub reason: &'static str,
    /// Whom somebody said to be, as a keyed digest.
    pub identifier_hmac: String,
    /// From where, as a keyed digest.
    pub ip_hmac: Option<String>,
    /// Who tried.
    pub visitor: &'a Visitor,
}

/// Deletes up to `most` events of before `before`; says how many.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> db::Result<usize> {
    queries::sweep(conn, before, most).await
}

fn event(
    now: Timestamp,
    kind: Kind,
    user: Option<UserId>,
    session: Option<SessionId>,
    visitor: &Visitor,
) -> SecurityEventRow {
    SecurityEventRow {
        id: id_at(now),
        user_id: user,
        kind: kind.name().into(),
        session_id: session,
        reason: None,
        device: visitor.device.clone(),
        ip_prefix: visitor.network(),
        identifier_hmac: None,
        ip_hmac: None,
        created_at: Ts(now),
    }
}

/// An id that sorts by time.
fn id_at(now: Timestamp) -> Uuid {
    contracts::EventId::at(now).0
}
