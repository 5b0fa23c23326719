//! The rows of this resource.

use contracts::{Language, UserId};
use db::Ts;
use diesel::prelude::*;

use crate::schema::contacts;

/// What is known of somebody.
#[derive(Clone, Debug, HasQuery, AsChangeset)]
#[diesel(table_name = contacts, primary_key(user_id), treat_none_as_null = true)]
pub struct ContactRow {
    /// The account.
    pub user_id: UserId,
    /// The address.
    pub email: Option<String>,
    /// Whether it was proven.
    pub email_verified: bool,
    /// The name for others.
    pub username: Option<String>,
    /// The name in full.
    pub full_name: Option<String>,
    /// The account's language.
    pub locale: Option<String>,
    /// The version of what auth told, 0 before it told anything.
    pub contact_version: i64,
    /// The profile's language.
    pub language: Option<String>,
    /// The profile's zone.
    pub timezone: Option<String>,
    /// Whether mail may be used.
    pub by_email: bool,
    /// Whether push messages may be used.
    pub by_push: bool,
    /// Whether the WebSocket may be used.
    pub by_ws: bool,
    /// The version of what users told, 0 before it told anything.
    pub profile_version: i64,
    /// When it was first heard of.
    pub created_at: Ts,
    /// When anything last changed.
    pub updated_at: Ts,
}

impl ContactRow {
    /// The profile's language.
    pub fn profile_language(&self) -> Option<Language> {
        self.language.as_deref().and_then(Language::of_tag)
    }

    /// The account's language.
    pub fn account_language(&self) -> Option<Language> {
        self.locale.as_deref().and_then(Language::of_tag)
    }
}
