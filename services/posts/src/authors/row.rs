//! The rows of this resource.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// The SQL types of [`AuthorRow`].
pub type AuthorSql = (Nullable<Text>, Nullable<Text>, Nullable<Text>, Nullable<SqlUuid>, Bool);

/// What is known of an author; of one whose profile has not come yet, nothing.
#[derive(Clone, Debug, Queryable)]
pub struct AuthorRow {
    /// The name that others find it by.
    pub username: Option<String>,
    /// A name in full.
    pub full_name: Option<String>,
    /// A picture somewhere else.
    pub profile_picture_url: Option<String>,
    /// A picture in media.
    pub avatar_media_id: Option<Uuid>,
    /// Whether the account is gone.
    pub erased: bool,
}
