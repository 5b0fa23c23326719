//! How posts look on the wire.

use std::hash::{DefaultHasher, Hash, Hasher};

use contracts::PostId;
use contracts::posts::Visibility;
use db::Ts;
use serde::{Deserialize, Serialize};
use server::Located;
use utoipa::ToSchema;
use uuid::Uuid;

use super::row::{RevisionRow, ShownRow};
use crate::authors::view::AuthorView;

/// A post, as its reader sees it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PostView {
    /// The post.
    pub id: PostId,
    /// Who wrote it.
    pub author: AuthorView,
    /// What it says.
    #[schema(example = "Première séance ce matin : cinq minutes, et déjà plus calme.")]
    pub body: String,
    /// Its pictures and documents.
    pub media: Vec<MediaView>,
    /// What it is about.
    #[schema(example = json!(["zazen"]))]
    pub tags: Vec<String>,
    /// Who may read it.
    pub visibility: Visibility,
    /// How many like it.
    pub like_count: i32,
    /// How many comments there are.
    pub comment_count: i32,
    /// Whether the reader likes it.
    pub liked_by_me: bool,
    /// Grows with each edit; the ETag begins with it.
    pub version: i32,
    /// When it was written.
    pub created_at: Ts,
    /// When it was last edited.
    pub edited_at: Option<Ts>,
}

/// A picture or a document of a post.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MediaView {
    /// Its id in media.
    pub id: Uuid,
}

/// What a post said before an edit.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevisionView {
    /// The post's version then.
    pub version: i32,
    /// What it said.
    pub body: String,
    /// What it was about.
    pub tags: Vec<String>,
    /// Who could read it.
    pub visibility: Visibility,
    /// When it was written so.
    pub written_at: Ts,
}

impl PostView {
    /// Its ETag: the version, and what else is shown that changes without an edit.
    pub fn etag(&self) -> String {
        let mut rest = DefaultHasher::new();
        (&self.author, self.like_count, self.comment_count, self.liked_by_me).hash(&mut rest);
        format!("{}.{:x}", self.version, rest.finish())
    }
}

impl Located for PostView {
    fn location(&self) -> String {
        format!("/api/v1/posts/{}", self.id)
    }
}

impl From<ShownRow> for PostView {
    fn from(ShownRow { post, author, liked_by_me }: ShownRow) -> Self {
        Self {
            id: post.id,
            author: AuthorView::new(post.author_id, author),
            body: post.body,
            media: post.media_ids.into_iter().map(|id| MediaView { id }).collect(),
            tags: post.tags,
            visibility: post.visibility.0,
            like_count: post.like_count,
            comment_count: post.comment_count,
            liked_by_me,
            version: post.version,
            created_at: post.created_at,
            edited_at: post.edited_at,
        }
    }
}

impl From<RevisionRow> for RevisionView {
    fn from(row: RevisionRow) -> Self {
        Self {
            version: row.version,
            body: row.body,
            tags: row.tags,
            visibility: row.visibility.0,
            written_at: row.written_at,
        }
    }
}
