//! The rows of this resource.

use contracts::UserId;
use db::Ts;
use diesel::prelude::*;

use crate::authors::row::AuthorRow;
use crate::posts::row::FactsRow;

/// What came of the wish to like a post, or to like it no longer.
#[derive(Clone, Debug, Queryable)]
pub struct ChangeRow {
    /// The post.
    pub post: FactsRow,
    /// Whether anything changed.
    pub changed: bool,
    /// Whether it is now as was wanted.
    pub settled: bool,
}

/// Somebody who likes a post.
#[derive(Clone, Debug, Queryable)]
pub struct LikeRow {
    /// Who.
    pub user_id: UserId,
    /// Since when.
    pub created_at: Ts,
    /// What is known of him.
    pub author: AuthorRow,
}
