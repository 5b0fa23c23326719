//! How profiles look on the wire.

use contracts::{Language, UserId};
use db::Ts;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::preferences::Preferences;
use super::row::ProfileRow;

/// A profile as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileView {
    /// The account.
    pub id: UserId,
    /// The account, by its other name.
    pub user_id: UserId,
    /// The name that others find it by; claimed at auth.
    #[schema(min_length = 3, max_length = 50, pattern = "^[a-z0-9_.]+$", example = "ada")]
    pub username: Option<String>,
    /// A name in full.
    #[schema(max_length = 100, example = "Ada Lovelace")]
    pub full_name: Option<String>,
    /// A few words.
    #[schema(max_length = 2000)]
    pub bio: Option<String>,
    /// A picture somewhere else.
    #[schema(max_length = 500, format = Uri)]
    pub profile_picture_url: Option<String>,
    /// A picture in media.
    pub avatar_media_id: Option<Uuid>,
    /// How it wants to be treated, with defaults where nothing was chosen.
    #[schema(value_type = ProfilePreferences)]
    pub preferences: Value,
    /// When the zone last changed.
    pub timezone_changed_at: Option<Ts>,
    /// Grows with each change; it is the ETag.
    pub version: i64,
    /// When it came to be.
    pub created_at: Ts,
    /// When it last changed.
    pub updated_at: Ts,
}

/// A profile as others see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicProfileView {
    /// The account.
    pub id: UserId,
    /// The account, by its other name.
    pub user_id: UserId,
    /// The name that others find it by.
    #[schema(min_length = 3, max_length = 50, pattern = "^[a-z0-9_.]+$", example = "ada")]
    pub username: Option<String>,
    /// A name in full.
    #[schema(max_length = 100, example = "Ada Lovelace")]
    pub full_name: Option<String>,
    /// A few words.
    #[schema(max_length = 2000)]
    pub bio: Option<String>,
    /// A picture somewhere else.
    #[schema(max_length = 500, format = Uri)]
    pub profile_picture_url: Option<String>,
    /// A picture in media.
    pub avatar_media_id: Option<Uuid>,
}

/// A profile, whole for its owner and administrators.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum SeenProfile {
    /// As its owner sees it.
    Whole(ProfileView),
    /// As others see it.
    Public(PublicProfileView),
}

/// Preferences. Other keys are kept as they are, up to 16 KiB in all.
// The shape for the document alone: the values stay JSON, so that unknown keys are kept.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProfilePreferences {
    /// The language of mails and notifications; the account's until another is chosen.
    #[schema(required = false)]
    language: Language,
    /// An IANA time zone.
    #[schema(required = false, example = "Europe/Paris", default = "Europe/Paris")]
    timezone: String,
    /// The hour at which a day begins.
    #[schema(required = false, minimum = 0, maximum = 6, default = 0)]
    day_start_hour: i16,
    /// Which channels may be used.
    #[schema(required = false)]
    notifications: ProfileChannels,
    /// Whatever else an application keeps here.
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// Switches of the channels.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProfileChannels {
    /// Mail; what concerns the account's safety is sent all the same.
    #[schema(required = false, default = true)]
    email: bool,
    /// Push messages.
    #[schema(required = false, default = true)]
    push: bool,
    /// The WebSocket.
    #[schema(required = false, default = true)]
    ws: bool,
}

impl From<ProfileRow> for ProfileView {
    fn from(row: ProfileRow) -> Self {
        Self {
            id: row.user_id,
            user_id: row.user_id,
            username: row.username,
            full_name: row.full_name,
            bio: row.bio,
            profile_picture_url: row.profile_picture_url,
            avatar_media_id: row.avatar_media_id,
            preferences: Preferences::stored(row.preferences).view(),
            timezone_changed_at: row.timezone_changed_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl From<ProfileRow> for PublicProfileView {
    fn from(row: ProfileRow) -> Self {
        Self {
            id: row.user_id,
            user_id: row.user_id,
            username: row.username,
            full_name: row.full_name,
            bio: row.bio,
            profile_picture_url: row.profile_picture_url,
            avatar_media_id: row.avatar_media_id,
        }
    }
}
