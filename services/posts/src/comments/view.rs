//! How comments look on the wire.

use contracts::{CommentId, PostId};
use db::Ts;
use serde::{Deserialize, Serialize};
use server::Located;
use utoipa::ToSchema;

use super::row::ShownRow;
use crate::authors::view::AuthorView;

/// A comment. One that is deleted keeps its place, without author and body.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CommentView {
    /// The comment.
    pub id: CommentId,
    /// The post it is on.
    pub post_id: PostId,
    /// The comment it answers; none where it answers the post itself.
    pub parent_id: Option<CommentId>,
    /// How deep it is in its thread.
    #[schema(minimum = 0, maximum = 8)]
    pub depth: i16,
    /// Who wrote it.
    pub author: Option<AuthorView>,
    /// What it says.
    #[schema(example = "Bravo, continue !")]
    pub body: Option<String>,
    /// Whether it is deleted.
    pub deleted: bool,
    /// Grows with each edit; it is the ETag.
    pub version: i32,
    /// When it was written.
    pub created_at: Ts,
    /// When it was last edited.
    pub edited_at: Option<Ts>,
}

impl Located for CommentView {
    fn location(&self) -> String {
        format!("/api/v1/comments/{}", self.id)
    }
}

impl From<ShownRow> for CommentView {
    fn from(ShownRow { comment, author, .. }: ShownRow) -> Self {
        let deleted = comment.deleted_at.is_some();
        Self {
            id: comment.id,
            post_id: comment.post_id,
            parent_id: comment.parent_id,
            depth: comment.depth,
            author: (!deleted).then(|| AuthorView::new(comment.author_id, author)),
            body: (!deleted).then_some(comment.body),
            deleted,
            version: comment.version,
            created_at: comment.created_at,
            edited_at: comment.edited_at,
        }
    }
}
