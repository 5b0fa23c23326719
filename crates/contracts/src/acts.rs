//! What auth tells of administrators: what one did to an account. Words and ids alone: why, in words, stays with auth.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::UserId;
use crate::auth::sample;
use crate::event::event;

/// What an administrator did to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdminAct {
    /// Made it, and invited its owner.
    Invited,
    /// Invited its owner once more.
    InvitedAgain,
    /// Gave it other roles.
    RolesChanged,
    /// Gave it another tier.
    TierChanged,
    /// Closed it.
    Deactivated,
    /// Opened it again.
    Activated,
    /// Ended its locks.
    Unlocked,
    /// Ended sessions.
    SessionsEnded,
    /// Had its owner mailed a link to set a new password by.
    PasswordReset,
    /// Turned its second factors off.
    MfaReset,
    /// Had it erased.
    ErasureRequested,
    /// Looked at a list of accounts: not at one in particular.
    AccountsListed,
    /// Looked at all of it.
    AccountSeen,
    /// Looked at where it is signed in.
    SessionsSeen,
}

/// Why, in a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReasonCode {
    /// It broke the rules.
    Abuse,
    /// Its safety, or that of others.
    Security,
    /// Its owner asked for it.
    Request,
    /// Anything else.
    #[default]
    Other,
}

impl ReasonCode {
    const ALL: [Self; 4] = [Self::Abuse, Self::Security, Self::Request, Self::Other];

    /// Its name on the wire and in databases.
    pub fn name(self) -> &'static str {
        match self {
            Self::Abuse => "abuse",
            Self::Security => "security",
            Self::Request => "request",
            Self::Other => "other",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }
}

event! {
    /// An administrator did something to an account; the envelope's `correlationid` is the request.
    "auth.admin.acted.v1", Journaled, AdminActed { subject } {
        /// The administrator.
        pub actor: UserId,
        /// What.
        pub action: AdminAct,
        /// The account; a list has none.
        #[serde(default)]
        pub target: Option<UserId>,
        /// Why, in a word, where a reason was asked for.
        pub reason_code: Option<ReasonCode>,
        /// A keyed digest of the reason in words, which auth keeps: it shows whether they were changed since.
        pub reason_hmac: Option<String>,
    } = {
        actor: sample::user(), action: AdminAct::Deactivated, target: Some(sample::user()),
        reason_code: Some(ReasonCode::Abuse), reason_hmac: Some("9f86d081884c7d659a2feaa0c55ad015".into()),
    }

    /// An account was closed: nobody enters it. Its sessions and tokens are revoked beside it.
    "auth.user.deactivated.v1", Journaled, UserDeactivated { user_id } {
        /// The account.
        pub user_id: UserId,
        /// The administrator, or nobody: its owner.
        pub by: Option<UserId>,
        /// Why, in a word.
        pub reason_code: ReasonCode,
    } = { user_id: sample::user(), by: Some(sample::user()), reason_code: ReasonCode::Abuse }

    /// An account that was closed is open again.
    "auth.user.reactivated.v1", Journaled, UserReactivated { user_id } {
        /// The account.
        pub user_id: UserId,
        /// The administrator, or nobody: its owner.
        pub by: Option<UserId>,
        /// Why, in a word.
        pub reason_code: ReasonCode,
    } = { user_id: sample::user(), by: Some(sample::user()), reason_code: ReasonCode::Other }
}

impl AdminActed {
    /// What it is about: the account, or the administrator where there is none.
    fn subject(&self) -> String {
        self.target.unwrap_or(self.actor).to_string()
    }
}
