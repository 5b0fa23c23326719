//! Comments, in threads at most eight deep.
//!
//! A comment is written, counted on its post and told in one transaction. Sorted by its path, a thread reads top to
//! bottom. What is deleted keeps its place, without a word. Start with [`create`], then [`rules`].

pub mod create;
pub mod delete;
pub mod list;
pub mod update;

pub mod rules;
pub mod view;

mod queries;
mod row;

use contracts::CommentId;
use db::Tx;
use problem::Problem;
use problem::codes::NOT_FOUND;

use crate::codes::COMMENT_DELETED;
use crate::posts;
use crate::posts::rules::Reader;
use row::CommentRow;
use view::CommentView;

/// A comment that `reader` may change, locked until the transaction ends.
async fn changeable(tx: &mut Tx, reader: &Reader, id: CommentId) -> Result<CommentRow, Problem> {
    let comment = queries::locked(tx, id).await?.ok_or(Problem::new(&NOT_FOUND))?;
    posts::readable(tx, reader, comment.post_id).await?;
    if comment.deleted_at.is_some() {
        return Err(Problem::new(&COMMENT_DELETED));
    }
    reader.may_change(comment.author_id)?;
    Ok(comment)
}

/// A comment as readers are shown it.
async fn shown(tx: &mut Tx, id: CommentId) -> Result<CommentView, Problem> {
    Ok(queries::shown(tx, id).await?.into())
}
