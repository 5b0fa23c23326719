//! How accounts read to administrators.

use std::hash::{DefaultHasher, Hash, Hasher};

use contracts::acts::ReasonCode;
use contracts::{Language, Roles, Tier, UserId};
use db::Ts;
use serde::{Deserialize, Serialize};
use server::Located;
use utoipa::ToSchema;

use super::row::{DeactivationRow, ListedRow};
use crate::accounts::row::{AccountRow, UserRow};
use crate::accounts::rules::INVITED_FOR;
use crate::factors::Factors;
use crate::locks::Held;

/// An account in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListedAccountView {
    /// Its id.
    id: UserId,
    /// Its address.
    email: String,
    /// Its name for others.
    username: Option<String>,
    /// What it may do.
    roles: Roles,
    /// What it pays for.
    tier: Tier,
    /// Whether it may be entered at all.
    is_active: bool,
    /// Whether its address is proven.
    is_verified: bool,
    /// Until when it is told to be locked; what is counted may have been forgotten since.
    locked_until: Option<Ts>,
    /// When it was last entered, if it ever was.
    last_login_at: Option<Ts>,
    /// When it was made.
    created_at: Ts,
}

/// All of an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountDetailView {
    /// Its id.
    id: UserId,
    /// Its address.
    email: String,
    /// Its name for others.
    username: Option<String>,
    /// Its name in full.
    full_name: Option<String>,
    /// The language it is spoken to in.
    locale: Language,
    /// What it may do.
    roles: Roles,
    /// What it pays for.
    tier: Tier,
    /// Whether it may be entered at all.
    is_active: bool,
    /// Whether its address is proven.
    is_verified: bool,
    /// Whether it has a password; one that was made by invitation has none until its owner chooses one.
    has_password: bool,
    /// Until when nobody enters it but by a device that it knows.
    locked_until: Option<Ts>,
    /// Until when it is closed to one network or device that guessed too often: the last of them.
    kept_out_until: Option<Ts>,
    /// When it was last entered, if it ever was.
    last_login_at: Option<Ts>,
    /// Its second factors.
    factors: AccountFactorsView,
    /// How many sessions it has.
    sessions: usize,
    /// Why an administrator closed it, if one did.
    deactivation: Option<DeactivationView>,
    /// When it was made.
    created_at: Ts,
    /// When it last changed.
    updated_at: Ts,
    /// Grows with each change.
    #[serde(skip)]
    version: i64,
}

/// The second factors of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountFactorsView {
    /// An app that makes codes.
    totp: bool,
    /// Recovery codes that are left.
    recovery_codes: i64,
    /// Passkeys.
    passkeys: i64,
}

/// Why an account is closed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeactivationView {
    /// Who closed it.
    by: UserId,
    /// Why, in a word.
    reason_code: ReasonCode,
    /// Why, in words.
    reason: String,
    /// When.
    at: Ts,
}

/// An account that waits for its owner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InvitedView {
    /// Its id.
    pub id: UserId,
    /// The address that the link was mailed to.
    pub email: String,
    /// What it may do.
    pub roles: Roles,
    /// What it pays for.
    pub tier: Tier,
    /// Whether its address is proven: not yet.
    pub is_verified: bool,
    /// How long the link works.
    pub invited_until: Ts,
}

impl AccountDetailView {
    /// An account, what keeps it closed and what it is proved by.
    pub fn of(account: AccountRow, held: Held, factors: Factors) -> Self {
        let full_name = account.full_name();
        let user = account.user;
        Self {
            id: user.id,
            full_name,
            locale: user.language(),
            roles: user.roles(),
            tier: user.tier(),
            is_active: user.is_active,
            is_verified: user.is_verified,
            has_password: user.password_hash.is_some(),
            locked_until: held.everywhere.map(Ts),
            kept_out_until: held.somewhere.map(Ts),
            last_login_at: user.last_login_at,
            factors: AccountFactorsView {
                totp: factors.totp,
                recovery_codes: factors.recovery_codes,
                passkeys: factors.passkeys,
            },
            sessions: 0,
            deactivation: None,
            created_at: user.created_at,
            updated_at: user.updated_at,
            version: user.version,
            email: user.email,
            username: user.username,
        }
    }

    /// With so many sessions, and why it is closed.
    #[must_use]
    pub fn with(self, sessions: usize, deactivation: Option<DeactivationRow>) -> Self {
        Self { sessions, deactivation: deactivation.map(DeactivationView::from), ..self }
    }

    /// Its ETag: the version, and what else is shown that changes without one.
    pub fn etag(&self) -> String {
        let mut rest = DefaultHasher::new();
        let factors = self.factors;
        (&self.full_name, self.locked_until, self.kept_out_until, self.last_login_at).hash(&mut rest);
        (factors.totp, factors.recovery_codes, factors.passkeys, self.sessions).hash(&mut rest);
        format!("{}.{:x}", self.version, rest.finish())
    }
}

impl InvitedView {
    /// An account whose owner was mailed a link just now.
    pub fn of(user: &UserRow, now: Ts) -> Self {
        Self {
            id: user.id,
            email: user.email.clone(),
            roles: user.roles(),
            tier: user.tier(),
            is_verified: user.is_verified,
            invited_until: Ts(now.0 + INVITED_FOR),
        }
    }
}

impl Located for InvitedView {
    fn location(&self) -> String {
        format!("/api/v1/auth/users/{}", self.id)
    }
}

impl From<DeactivationRow> for DeactivationView {
    fn from(row: DeactivationRow) -> Self {
        Self { by: row.actor_id, reason_code: row.code(), reason: row.reason, at: row.created_at }
    }
}

impl From<ListedRow> for ListedAccountView {
    fn from(row: ListedRow) -> Self {
        Self {
            id: row.id,
            tier: row.tier(),
            roles: row.roles.0,
            email: row.email,
            username: row.username,
            is_active: row.is_active,
            is_verified: row.is_verified,
            locked_until: row.locked_until,
            last_login_at: row.last_login_at,
            created_at: row.created_at,
        }
    }
}
