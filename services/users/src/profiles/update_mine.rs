//! PATCH /users/me: parts of one's own profile.

use garde::Validate;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use server::{Answer, AnswerExt, Bearer, Caller, Data, IfMatch, Json, answer, patch};
use utoipa::ToSchema;
use uuid::Uuid;

use super::change::{Author, change};
use super::rules::{Change, Field, NewPreferences};
use super::view::{ProfilePreferences, ProfileView};
use crate::state::State;

/// Parts of a profile: what is left out stays, null empties, a value replaces. Preferences are merged key by key.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "bio": "Je dessine des machines.", "preferences": { "day_start_hour": 4 } }))]
pub struct ProfilePatch {
    /// A new username, claimed at auth first.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 3, max_length = 50, pattern = "^[a-z0-9_.]+$")]
    username: Field<String>,
    /// A name in full.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 100)]
    full_name: Field<String>,
    /// A few words.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000)]
    bio: Field<String>,
    /// A picture somewhere else: https, on a public host.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500, format = Uri)]
    profile_picture_url: Field<String>,
    /// A picture in media.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    avatar_media_id: Field<Uuid>,
    /// How it wants to be treated; null takes all choices back.
    #[serde(default)]
    #[schema(value_type = Option<ProfilePreferences>)]
    preferences: Field<Map<String, Value>>,
}

/// Changes parts of one's own profile.
#[utoipa::path(tag = "users", operation_id = "update_my_profile",
    params(("If-Match" = Option<String>, Header, description = "The ETag it was read with.")))]
#[patch("/users/me")]
pub async fn update_mine(
    state: Data<State>,
    who: Caller,
    token: Bearer,
    expected: IfMatch,
    body: Json<ProfilePatch>,
) -> Answer<ProfileView> {
    let author = Author { id: who.id, token: token.token(), expected: &expected };
    let profile = change(&state, &author, body.into_inner().into()).await?;
    let version = profile.version;
    answer(ProfileView::from(profile)).etag(version)
}

impl From<ProfilePatch> for Change {
    fn from(patch: ProfilePatch) -> Self {
        Self {
            username: patch.username,
            full_name: patch.full_name,
            bio: patch.bio,
            profile_picture_url: patch.profile_picture_url,
            avatar_media_id: patch.avatar_media_id,
            preferences: match patch.preferences {
                Field::Keep => NewPreferences::Keep,
                Field::Clear => NewPreferences::Replace(Map::new()),
                Field::Set(chosen) => NewPreferences::Merge(chosen),
            },
        }
    }
}

/// Called only for a member that is there; one that is not keeps the default.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}
