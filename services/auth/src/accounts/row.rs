//! The rows of accounts.

use contracts::users::{Channels, Preferences};
use contracts::{Language, Role, Roles, Tier, UserId};
use db::Ts;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Array, Nullable, Text};
use serde_json::Value;

use crate::schema::{email_tokens, profiles, users};

/// Roles as a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Array<Nullable<Text>>)]
pub struct StoredRoles(pub Roles);

impl ToSql<Array<Nullable<Text>>, Pg> for StoredRoles {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let names: Vec<&str> = self.0.iter().map(Role::name).collect();
        ToSql::<Array<Text>, Pg>::to_sql(&names, &mut out.reborrow())
    }
}

impl FromSql<Array<Nullable<Text>>, Pg> for StoredRoles {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let names = <Vec<Option<String>> as FromSql<Array<Nullable<Text>>, Pg>>::from_sql(value)?;
        Ok(Self(names.iter().flatten().filter_map(|name| Role::named(name)).collect()))
    }
}

/// An account.
#[derive(Clone, HasQuery)]
#[diesel(table_name = users)]
pub struct UserRow {
    /// Its id.
    pub id: UserId,
    /// Its address.
    pub email: String,
    /// Its name for others.
    pub username: Option<String>,
    /// What its password is checked against.
    pub password_hash: Option<String>,
    /// The language it is spoken to in.
    pub locale: String,
    /// What it may do.
    pub roles: StoredRoles,
    /// What it pays for.
    pub tier: String,
    /// Whether it may log in at all.
    pub is_active: bool,
    /// Whether its address is proven.
    pub is_verified: bool,
    /// Until when it is told to be locked.
    pub locked_until: Option<Ts>,
    /// Tokens issued before are void.
    pub tokens_not_before: Option<Ts>,
    /// When it was last entered, if it ever was.
    pub last_login_at: Option<Ts>,
    /// Grows with each change of how to reach it.
    pub contact_version: i64,
    /// Grows with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Ts,
    /// When it last changed.
    pub updated_at: Ts,
}

/// An account to be made.
#[derive(Insertable)]
#[diesel(table_name = users)]
pub struct NewUserRow<'a> {
    /// Its id.
    pub id: UserId,
    /// Its address.
    pub email: &'a str,
    /// Its name for others.
    pub username: Option<&'a str>,
    /// What its password is checked against; nothing until its owner chooses one.
    pub password_hash: Option<&'a str>,
    /// The language it is spoken to in.
    pub locale: &'static str,
    /// What it may do.
    pub roles: StoredRoles,
    /// What it pays for.
    pub tier: &'static str,
    /// Whether its address is proven.
    pub is_verified: bool,
    /// When it is made.
    pub created_at: Ts,
    /// The same.
    pub updated_at: Ts,
}

/// The copy of what users knows.
#[derive(Clone, Debug, HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = profiles, treat_none_as_null = true)]
pub struct ProfileRow {
    /// The account.
    pub user_id: UserId,
    /// A name in full.
    pub full_name: Option<String>,
    /// Where its picture is.
    pub profile_picture_url: Option<String>,
    /// How it wants to be treated.
    pub preferences: Option<Value>,
    /// That of the event it came with.
    pub version: i64,
    /// When it came.
    pub updated_at: Ts,
}

/// A mailed link.
#[derive(HasQuery, Insertable)]
#[diesel(table_name = email_tokens)]
pub struct LinkRow {
    /// The digest of its secret.
    pub token_hash: Vec<u8>,
    /// The account.
    pub user_id: UserId,
    /// What it is good for.
    pub purpose: String,
    /// The address it was mailed to.
    pub email: String,
    /// The password that was chosen with it.
    pub password_hash: Option<String>,
    /// When it was made.
    pub created_at: Ts,
    /// When it stops working.
    pub expires_at: Ts,
    /// When it was used, or became void.
    pub used_at: Option<Ts>,
}

/// An account with what users knows of it.
#[derive(Clone)]
pub struct AccountRow {
    /// The account.
    pub user: UserRow,
    /// The copy of its profile.
    pub profile: Option<ProfileRow>,
}

impl UserRow {
    /// What it may do.
    pub fn roles(&self) -> Roles {
        self.roles.0
    }

    /// What it pays for.
    pub fn tier(&self) -> Tier {
        Tier::named(&self.tier).unwrap_or_default()
    }

    /// The language it is spoken to in.
    pub fn language(&self) -> Language {
        Language::of_tag(&self.locale).unwrap_or_default()
    }
}

impl AccountRow {
    /// Its name in full.
    pub fn full_name(&self) -> Option<String> {
        self.profile.as_ref()?.full_name.clone()
    }

    /// What its password must not repeat.
    pub fn own_words(&self) -> Vec<&str> {
        let full_name = self.profile.as_ref().and_then(|profile| profile.full_name.as_deref());
        let words = [Some(self.user.email.as_str()), self.user.username.as_deref(), full_name];
        words.into_iter().flatten().collect()
    }

    /// How it wants to be treated; before users has told, what users would say.
    pub fn preferences(&self) -> Preferences {
        let told = self.profile.as_ref().and_then(|profile| profile.preferences.clone());
        told.and_then(|told| serde_json::from_value(told).ok()).unwrap_or_else(|| Preferences {
            language: self.user.language(),
            timezone: "Europe/Paris".into(),
            day_start_hour: 0,
            notifications: Channels { email: true, push: true, ws: true },
        })
    }

    /// Changes whenever any of it does.
    pub fn version(&self) -> String {
        let profile = self.profile.as_ref().map_or(0, |profile| profile.version);
        format!("{}-{profile}", self.user.version)
    }
}
