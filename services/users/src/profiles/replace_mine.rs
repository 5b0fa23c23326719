//! PUT /users/me: one's own profile, replaced whole.

use garde::Validate;
use serde::Deserialize;
use serde_json::{Map, Value};
use server::{Answer, AnswerExt, Bearer, Caller, Data, IfMatch, Json, answer, put};
use utoipa::ToSchema;
use uuid::Uuid;

use super::change::{Author, change};
use super::rules::{Change, Field, NewPreferences};
use super::view::{ProfilePreferences, ProfileView};
use crate::state::State;

/// A whole profile. What is left out or null is emptied; the username alone stays, since it cannot be given up.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "full_name": "Ada Lovelace",
    "bio": "Je dessine des machines.",
    "profile_picture_url": "https://pictures.example.org/ada.png",
    "preferences": { "language": "fr", "timezone": "Europe/Paris", "day_start_hour": 4 },
}))]
pub struct NewProfile {
    /// A new username, claimed at auth first.
    #[schema(min_length = 3, max_length = 50, pattern = "^[a-z0-9_.]+$")]
    username: Option<String>,
    /// A name in full.
    #[schema(max_length = 100)]
    full_name: Option<String>,
    /// A few words.
    #[schema(max_length = 2000)]
    bio: Option<String>,
    /// A picture somewhere else: https, on a public host.
    #[schema(max_length = 500, format = Uri)]
    profile_picture_url: Option<String>,
    /// A picture in media.
    avatar_media_id: Option<Uuid>,
    /// How it wants to be treated; what is left out gets its default.
    #[schema(value_type = Option<ProfilePreferences>)]
    preferences: Option<Map<String, Value>>,
}

/// Replaces one's own profile.
#[utoipa::path(tag = "users", operation_id = "replace_my_profile",
    params(("If-Match" = Option<String>, Header, description = "The ETag it was read with.")))]
#[put("/users/me")]
pub async fn replace_mine(
    state: Data<State>,
    who: Caller,
    token: Bearer,
    expected: IfMatch,
    body: Json<NewProfile>,
) -> Answer<ProfileView> {
    let author = Author { id: who.id, token: token.token(), expected: &expected };
    let profile = change(&state, &author, body.into_inner().into()).await?;
    let version = profile.version;
    answer(ProfileView::from(profile)).etag(version)
}

impl From<NewProfile> for Change {
    fn from(new: NewProfile) -> Self {
        Self {
            username: new.username.map_or(Field::Keep, Field::Set),
            full_name: new.full_name.map_or(Field::Clear, Field::Set),
            bio: new.bio.map_or(Field::Clear, Field::Set),
            profile_picture_url: new.profile_picture_url.map_or(Field::Clear, Field::Set),
            avatar_media_id: new.avatar_media_id.map_or(Field::Clear, Field::Set),
            preferences: NewPreferences::Replace(new.preferences.unwrap_or_default()),
        }
    }
}
