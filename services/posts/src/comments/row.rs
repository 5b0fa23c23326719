//! The rows of this resource.

use contracts::posts::CommentCreated;
use contracts::{CommentId, PostId, UserId};
use db::Ts;
use diesel::prelude::*;

use super::rules::Parent;
use crate::authors::row::AuthorRow;
use crate::schema::comments;

/// A comment as it is stored, without its path.
#[derive(Clone, Debug, HasQuery)]
#[diesel(table_name = comments)]
pub struct CommentRow {
    /// The comment.
    pub id: CommentId,
    /// The post it is on.
    pub post_id: PostId,
    /// Who wrote it.
    pub author_id: UserId,
    /// The comment it answers.
    pub parent_id: Option<CommentId>,
    /// When it was written.
    pub created_at: Ts,
    /// When it was last edited.
    pub edited_at: Option<Ts>,
    /// Since when it is gone.
    pub deleted_at: Option<Ts>,
    /// Grows with each edit.
    pub version: i32,
    /// How deep it is.
    pub depth: i16,
    /// What it says.
    pub body: String,
}

/// A comment as readers are shown it.
#[derive(Clone, Debug, Queryable)]
pub struct ShownRow {
    /// The comment.
    pub comment: CommentRow,
    /// Its place in the thread.
    pub path: String,
    /// Who wrote it.
    pub author: AuthorRow,
}

/// A comment that is answered.
#[derive(Clone, Debug, Queryable)]
pub struct ParentRow {
    /// The post it is on.
    pub post_id: PostId,
    /// How deep it is.
    pub depth: i16,
    /// Its place in the thread.
    pub path: String,
    /// Since when it is gone.
    pub deleted_at: Option<Ts>,
}

impl From<ParentRow> for Parent {
    fn from(row: ParentRow) -> Self {
        Self { post: row.post_id, depth: row.depth, path: row.path, deleted: row.deleted_at.is_some() }
    }
}

impl CommentRow {
    /// The event of its creation, on a post of `post_author`.
    pub fn created(&self, post_author: UserId) -> CommentCreated {
        CommentCreated {
            comment_id: self.id,
            post_id: self.post_id,
            post_author_id: post_author,
            author_id: self.author_id,
            parent_id: self.parent_id,
        }
    }
}
