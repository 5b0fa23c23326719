//! What auth tells: accounts, sessions and keys.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::event::event;
use crate::{IdentityId, Language, Role, Roles, SessionId, Tier, TokenId, UserId};

/// How an account came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// With an address and a password.
    Password,
    /// By an administrator.
    Invitation,
    /// Through Google.
    Google,
    /// Through another OpenID provider.
    Oidc,
}

/// What stands beside a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SecondFactor {
    /// An app that makes codes.
    Totp,
    /// A passkey.
    Passkey,
}

event! {
    /// An account was made.
    "auth.user.registered.v1", Journaled, UserRegistered { user_id } {
        /// The account.
        pub user_id: UserId,
        /// How.
        pub method: Method,
        /// The language it is spoken to in.
        pub locale: Language,
        /// Its tier.
        pub tier: Tier,
    } = { user_id: sample::user(), method: Method::Password, locale: Language::Fr, tier: Tier::Free }

    /// How to reach an account, whole, at registration and after each change.
    "auth.contact.changed.v1", Private, ContactChanged { user_id } {
        /// The account.
        pub user_id: UserId,
        /// Its address.
        pub email: String,
        /// Whether the address was proven.
        #[serde(default)]
        pub email_verified: bool,
        /// Its name for others.
        pub username: Option<String>,
        /// A name given at registration.
        pub full_name: Option<String>,
        /// A picture given by a provider.
        pub picture_url: Option<String>,
        /// The language it is spoken to in.
        pub locale: Language,
        /// Grows with each change; an older one is skipped.
        pub version: i64,
    } = {
        user_id: sample::user(), email: "ada@example.org".into(), email_verified: false, username: Some("ada".into()),
        full_name: Some("Ada Lovelace".into()), picture_url: None, locale: Language::Fr, version: 1,
    }

    /// The owner proved the address.
    "auth.user.email_verified.v1", Journaled, UserEmailVerified { user_id } {
        /// The account.
        pub user_id: UserId,
        /// How: `link`, `admin` or `provider`.
        pub via: String,
    } = { user_id: sample::user(), via: "link".into() }

    /// Somebody signed in.
    "auth.user.logged_in.v1", Journaled, UserLoggedIn { user_id } {
        /// The account.
        pub user_id: UserId,
        /// The new session.
        pub session_id: SessionId,
        /// Whether the account had never been used by this browser, nor by such a device from its network.
        pub new_device: bool,
    } = { user_id: sample::user(), session_id: sample::session(), new_device: true }

    /// Somebody tried to sign in and failed.
    "auth.user.login_failed.v1", Journaled, UserLoginFailed { subject } {
        /// The account, where there is one.
        pub user_id: Option<UserId>,
        /// Whom somebody said to be: a keyed digest.
        pub identifier_hmac: String,
        /// From where: a keyed digest.
        pub ip_hmac: Option<String>,
        /// Why, in a word: `wrong_credentials`, `wrong_code`, `passkey_refused`, `not_verified`,
        /// `disabled`.
        pub reason: String,
    } = {
        user_id: Some(sample::user()), identifier_hmac: "9f86d081884c7d659a2feaa0c55ad015".into(), ip_hmac: None,
        reason: "wrong_credentials".into(),
    }

    /// An account is locked: too many wrong passwords or codes came for it. Devices that it knows still enter.
    "auth.user.locked.v1", Journaled, UserLocked { user_id } {
        /// The account.
        pub user_id: UserId,
        /// Until when.
        pub until: Timestamp,
        /// Why, in a word: `failures`.
        pub cause: String,
    } = { user_id: sample::user(), until: sample::time(), cause: "failures".into() }

    /// The lock of an account is over.
    "auth.user.unlocked.v1", Journaled, UserUnlocked { user_id } {
        /// The account.
        pub user_id: UserId,
        /// Why, in a word: `expired` or `admin`.
        pub cause: String,
    } = { user_id: sample::user(), cause: "expired".into() }

    /// The roles of an account changed. Its old tokens are revoked beside it.
    "auth.user.role_changed.v1", Journaled, UserRoleChanged { user_id } {
        /// The account.
        pub user_id: UserId,
        /// Before.
        pub old: Roles,
        /// After.
        pub new: Roles,
        /// The administrator, or nobody: the bootstrap command.
        pub by: Option<UserId>,
        /// Tokens issued earlier are void.
        pub not_before: Timestamp,
    } = {
        user_id: sample::user(), old: [Role::User].into_iter().collect(),
        new: [Role::User, Role::Admin].into_iter().collect(), by: None, not_before: sample::time(),
    }

    /// The tier of an account changed. Its old tokens are revoked beside it; its sessions go on.
    "auth.user.tier_changed.v1", Journaled, UserTierChanged { user_id } {
        /// The account.
        pub user_id: UserId,
        /// Before.
        pub old: Tier,
        /// After.
        pub new: Tier,
        /// The administrator, or nobody: what is paid for began or ended.
        pub by: Option<UserId>,
        /// Tokens issued earlier are void.
        pub not_before: Timestamp,
    } = {
        user_id: sample::user(), old: Tier::Free, new: Tier::Premium, by: None, not_before: sample::time(),
    }

    /// The owner changed the password; the other sessions are ended beside it.
    "auth.password.changed.v1", Journaled, PasswordChanged { user_id } {
        /// The account.
        pub user_id: UserId,
        /// The session that it was changed from, and that goes on.
        pub sid: SessionId,
    } = { user_id: sample::user(), sid: sample::session() }

    /// A forgotten password was set anew by a mailed link; all sessions are ended beside it.
    "auth.password.reset_completed.v1", Journaled, PasswordResetCompleted { user_id } {
        /// The account.
        pub user_id: UserId,
        /// The session that it was done from; none, since a mailed link needs none.
        pub sid: Option<SessionId>,
    } = { user_id: sample::user(), sid: None }

    /// The account has another address, which its owner proved by a mailed link.
    "auth.email.changed.v1", Journaled, EmailChanged { user_id } {
        /// The account.
        pub user_id: UserId,
        /// The session that it was done from; none, since a mailed link needs none.
        pub sid: Option<SessionId>,
    } = { user_id: sample::user(), sid: None }

    /// A second factor was turned on; the other sessions are ended beside it.
    "auth.mfa.enabled.v1", Journaled, MfaEnabled { user_id } {
        /// The account.
        pub user_id: UserId,
        /// The session that it was done from, and that goes on.
        pub sid: SessionId,
        /// Which.
        pub method: SecondFactor,
    } = { user_id: sample::user(), sid: sample::session(), method: SecondFactor::Totp }

    /// A second factor was turned off.
    "auth.mfa.disabled.v1", Journaled, MfaDisabled { user_id } {
        /// The account.
        pub user_id: UserId,
        /// The session that it was done from.
        pub sid: SessionId,
        /// Which.
        pub method: SecondFactor,
    } = { user_id: sample::user(), sid: sample::session(), method: SecondFactor::Totp }

    /// A recovery code was used in place of another second factor.
    "auth.mfa.recovery_code_used.v1", Journaled, RecoveryCodeUsed { user_id } {
        /// The account.
        pub user_id: UserId,
        /// The session that it was used in; none, where one was opened by it.
        pub sid: Option<SessionId>,
        /// How many are left.
        pub left: i64,
    } = { user_id: sample::user(), sid: None, left: 9 }

    /// The account has other recovery codes; the old ones are void.
    "auth.mfa.recovery_codes_renewed.v1", Journaled, RecoveryCodesRenewed { user_id } {
        /// The account.
        pub user_id: UserId,
        /// The session that it was done from.
        pub sid: SessionId,
    } = { user_id: sample::user(), sid: sample::session() }
    /// The account can be entered through a provider as well.
    "auth.identity.linked.v1", Journaled, IdentityLinked { user_id } {
        /// The account.
        pub user_id: UserId,
        /// What its owner is known by there.
        pub identity_id: IdentityId,
        /// The provider, as configuration calls it.
        pub provider: String,
        /// The session that it was done from; none where a sign-in or a mailed link did it.
        pub sid: Option<SessionId>,
    } = { user_id: sample::user(), identity_id: sample::identity(), provider: "google".into(), sid: None }

    /// The account cannot be entered through this provider any more.
    "auth.identity.unlinked.v1", Journaled, IdentityUnlinked { user_id } {
        /// The account.
        pub user_id: UserId,
        /// What its owner was known by there.
        pub identity_id: IdentityId,
        /// The provider, as configuration calls it.
        pub provider: String,
        /// The session that it was done from.
        pub sid: SessionId,
    } = {
        user_id: sample::user(), identity_id: sample::identity(), provider: "google".into(), sid: sample::session(),
    }

    /// A refresh token was used again after its successor; its whole family is void.
    "auth.refresh.reuse_detected.v1", Journaled, RefreshReuseDetected { user_id } {
        /// The account.
        pub user_id: UserId,
        /// The session that was ended.
        pub sid: SessionId,
    } = { user_id: sample::user(), sid: sample::session() }

    /// Tokens to refuse from now on: those of a session, one token, or all of an account issued before a moment.
    "auth.session.revoked.v1", Revocations, SessionRevoked { subject } {
        /// A session, whole.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sid: Option<SessionId>,
        /// One token.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub jti: Option<TokenId>,
        /// An account; `not_before` says which tokens.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_id: Option<UserId>,
        /// Tokens of the account issued earlier are void.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub not_before: Option<Timestamp>,
        /// When it was revoked.
        pub revoked_at: Timestamp,
        /// When the last token concerned has expired, and this may be forgotten.
        pub exp: Timestamp,
    } = {
        sid: Some(sample::session()), jti: None, user_id: None, not_before: None,
        revoked_at: sample::time(), exp: sample::time(),
    }

    /// Another key signs from `not_before`; verifiers read the key set again.
    "auth.keys.rotated.v1", Revocations, KeysRotated { kid } {
        /// The key.
        pub kid: String,
        /// From when it signs.
        pub not_before: Timestamp,
    } = { kid: "k-2026-01".into(), not_before: sample::time() }
}

impl SessionRevoked {
    /// What it is about, for the envelope.
    fn subject(&self) -> String {
        let sid = self.sid.map(|id| id.to_string());
        sid.or_else(|| self.jti.map(|id| id.to_string()))
            .or_else(|| self.user_id.map(|id| id.to_string()))
            .unwrap_or_default()
    }
}

impl UserLoginFailed {
    /// Its digest begins one of 256 series, so that failures neither wait for each other nor make a series each.
    fn subject(&self) -> String {
        format!("login_failed:{}", self.identifier_hmac.get(..2).unwrap_or_default())
    }
}

/// What samples are made of.
pub(crate) mod sample {
    use super::{IdentityId, SessionId, Timestamp, UserId};
    use uuid::Uuid;

    pub(crate) fn user() -> UserId {
        UserId(Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0001))
    }
    pub(crate) fn session() -> SessionId {
        SessionId(Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0002))
    }
    pub(crate) fn identity() -> IdentityId {
        IdentityId(Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0003))
    }
    pub(crate) fn time() -> Timestamp {
        Timestamp::constant(1_767_225_600, 0)
    }
}
