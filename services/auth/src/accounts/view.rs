//! How accounts read.

use contracts::users::Preferences;
use contracts::{Role, Roles, Tier, UserId};
use db::Ts;
use serde::{Deserialize, Serialize};
use server::Located;
use utoipa::ToSchema;

use super::row::AccountRow;

/// An account as its owner sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountView {
    /// Its id.
    pub id: UserId,
    /// Its address.
    pub email: String,
    /// Its name for others.
    pub username: Option<String>,
    /// What it may do.
    pub roles: Roles,
    /// What it pays for.
    pub tier: Tier,
    /// Whether it may do everything: the role `admin`.
    pub is_admin: bool,
    /// The same, by the name that older clients know.
    pub is_superuser: bool,
    /// Whether it may log in at all.
    pub is_active: bool,
    /// Whether its address is proven.
    pub is_verified: bool,
    /// Its name in full.
    pub full_name: Option<String>,
    /// Where its picture is.
    pub profile_picture_url: Option<String>,
    /// How it wants to be treated.
    pub preferences: Preferences,
    /// When it was made.
    pub created_at: Ts,
    /// When any of this last changed.
    pub updated_at: Ts,
}

/// An account that was asked for. It reads the same whether the address was new or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RegisteredView {
    /// The account.
    pub user: NewcomerView,
}

/// What is said of a mail, whether there is one or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PromiseView {
    /// Always true: a mail is on its way if there is somebody to get it.
    accepted: bool,
}

/// A new account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewcomerView {
    /// Its id.
    pub id: UserId,
    /// Its address.
    pub email: String,
    /// Its name for others.
    pub username: Option<String>,
    /// What it may do.
    pub roles: Roles,
    /// What it pays for.
    pub tier: Tier,
    /// Whether its address is proven: not yet.
    pub is_verified: bool,
}

impl PromiseView {
    /// The one thing that is said.
    pub fn given() -> Self {
        Self { accepted: true }
    }
}

impl Located for RegisteredView {
    fn location(&self) -> String {
        format!("/api/v1/users/{}", self.user.id)
    }
}

impl From<AccountRow> for AccountView {
    fn from(account: AccountRow) -> Self {
        let preferences = account.preferences();
        let AccountRow { user, profile } = account;
        let admin = user.roles().has(Role::Admin);
        let updated_at = profile.as_ref().map_or(user.updated_at, |profile| profile.updated_at.max(user.updated_at));
        let (full_name, profile_picture_url) =
            profile.map_or((None, None), |profile| (profile.full_name, profile.profile_picture_url));
        Self {
            id: user.id,
            roles: user.roles(),
            tier: user.tier(),
            email: user.email,
            username: user.username,
            is_admin: admin,
            is_superuser: admin,
            is_active: user.is_active,
            is_verified: user.is_verified,
            full_name,
            profile_picture_url,
            preferences,
            created_at: user.created_at,
            updated_at,
        }
    }
}
