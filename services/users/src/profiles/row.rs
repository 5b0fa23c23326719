//! The rows of this resource.

use contracts::UserId;
use contracts::users::ProfileUpdated;
use db::Ts;
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use super::preferences::Preferences;
use super::rules::Profile;
use crate::schema::user_profiles;

/// A profile as it is stored.
#[derive(Clone, Debug, HasQuery)]
#[diesel(table_name = user_profiles)]
pub struct ProfileRow {
    /// The account.
    pub user_id: UserId,
    /// The name that auth has for it.
    pub username: Option<String>,
    /// When the fact that this name comes from came to be.
    pub username_at: Option<Ts>,
    /// A name in full.
    pub full_name: Option<String>,
    /// A few words.
    pub bio: Option<String>,
    /// A picture somewhere else.
    pub profile_picture_url: Option<String>,
    /// A picture in media.
    pub avatar_media_id: Option<Uuid>,
    /// What was chosen, without defaults.
    pub preferences: Value,
    /// When the zone last changed.
    pub timezone_changed_at: Option<Ts>,
    /// The newest of auth's contact events that reached it, 0 before the first.
    pub contact_version: i64,
    /// When its owner last changed it.
    pub edited_at: Option<Ts>,
    /// Grows with each change.
    pub version: i64,
    /// When it came to be.
    pub created_at: Ts,
    /// When it last changed.
    pub updated_at: Ts,
}

/// A profile's next state, and where it came from. `None` empties a column.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = user_profiles, treat_none_as_null = true)]
pub struct NextRow {
    /// The name that auth has for it.
    pub username: Option<String>,
    /// When the fact that this name comes from came to be.
    pub username_at: Option<Ts>,
    /// A name in full.
    pub full_name: Option<String>,
    /// A few words.
    pub bio: Option<String>,
    /// A picture somewhere else.
    pub profile_picture_url: Option<String>,
    /// A picture in media.
    pub avatar_media_id: Option<Uuid>,
    /// What was chosen, without defaults.
    pub preferences: Value,
    /// When the zone last changed.
    pub timezone_changed_at: Option<Ts>,
    /// The newest of auth's contact events that reached it.
    pub contact_version: i64,
    /// When its owner last changed it.
    pub edited_at: Option<Ts>,
}

impl ProfileRow {
    /// What its owner decides about.
    pub fn profile(&self) -> Profile {
        Profile {
            username: self.username.clone(),
            full_name: self.full_name.clone(),
            bio: self.bio.clone(),
            profile_picture_url: self.profile_picture_url.clone(),
            avatar_media_id: self.avatar_media_id,
            preferences: Preferences::stored(self.preferences.clone()),
            timezone_changed_at: self.timezone_changed_at.map(|at| at.0),
        }
    }

    /// The row after this one that holds `profile`.
    pub fn next(&self, profile: Profile) -> NextRow {
        NextRow {
            preferences: profile.preferences.to_stored(),
            username: profile.username,
            username_at: self.username_at,
            full_name: profile.full_name,
            bio: profile.bio,
            profile_picture_url: profile.profile_picture_url,
            avatar_media_id: profile.avatar_media_id,
            timezone_changed_at: profile.timezone_changed_at.map(Ts),
            contact_version: self.contact_version,
            edited_at: self.edited_at,
        }
    }
}

impl From<&ProfileRow> for ProfileUpdated {
    fn from(row: &ProfileRow) -> Self {
        Self {
            user_id: row.user_id,
            username: row.username.clone(),
            full_name: row.full_name.clone(),
            profile_picture_url: row.profile_picture_url.clone(),
            avatar_media_id: row.avatar_media_id,
            preferences: Preferences::stored(row.preferences.clone()).told(),
            version: row.version,
        }
    }
}
