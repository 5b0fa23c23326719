//! What users tells: profiles.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::sample;
use crate::event::event;
use crate::{Language, UserId};

/// How somebody wants to be treated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Preferences {
    /// The language of mails and notifications.
    pub language: Language,
    /// An IANA time zone.
    pub timezone: String,
    /// The hour at which a day begins, 0 to 6.
    pub day_start_hour: i16,
    /// Which channels may be used.
    pub notifications: Channels,
}

/// Switches of the channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Channels {
    /// Mail.
    pub email: bool,
    /// Push messages.
    pub push: bool,
    /// The WebSocket.
    pub ws: bool,
}

event! {
    /// A profile, whole, after each change.
    "users.profile.updated.v1", Private, ProfileUpdated { user_id } {
        /// The account.
        pub user_id: UserId,
        /// Its name for others.
        pub username: Option<String>,
        /// Its full name.
        pub full_name: Option<String>,
        /// Where its picture is.
        pub profile_picture_url: Option<String>,
        /// Its picture in media.
        pub avatar_media_id: Option<Uuid>,
        /// How it wants to be treated.
        pub preferences: Preferences,
        /// Grows with each change; an older one is skipped.
        pub version: i64,
    } = {
        user_id: sample::user(), username: Some("ada".into()), full_name: Some("Ada Lovelace".into()),
        profile_picture_url: None, avatar_media_id: None,
        preferences: Preferences {
            language: Language::Fr, timezone: "Europe/Paris".into(), day_start_hour: 0,
            notifications: Channels { email: true, push: true, ws: true },
        },
        version: 1,
    }
}
