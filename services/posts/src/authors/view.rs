//! How authors look on the wire.

use contracts::UserId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::row::AuthorRow;

/// How an account is called that is no more.
pub const ERASED: &str = "compte supprimé";

/// Who wrote or liked something.
#[derive(Debug, Hash, Serialize, Deserialize, ToSchema)]
pub struct AuthorView {
    /// The account.
    pub id: UserId,
    /// The name that others find it by.
    #[schema(example = "ada")]
    pub username: Option<String>,
    /// A name in full; "compte supprimé" of an account that is no more.
    #[schema(example = "Ada Lovelace")]
    pub full_name: Option<String>,
    /// A picture somewhere else.
    pub profile_picture_url: Option<String>,
    /// A picture in media.
    pub avatar_media_id: Option<Uuid>,
}

impl AuthorView {
    /// The author `id`, of whom this is known.
    pub fn new(id: UserId, row: AuthorRow) -> Self {
        if row.erased {
            let full_name = Some(ERASED.to_owned());
            return Self { id, username: None, full_name, profile_picture_url: None, avatar_media_id: None };
        }
        let AuthorRow { username, full_name, profile_picture_url, avatar_media_id, .. } = row;
        Self { id, username, full_name, profile_picture_url, avatar_media_id }
    }
}
