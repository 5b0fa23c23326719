//! Likes: a bare fact, set and unset as often as one wants, counted once.
//!
//! The row, the post's counter and the event change in one transaction, and only if the fact does. Start with [`set`].

pub mod list;
pub mod set;
pub mod unset;

mod queries;
mod row;

use contracts::PostId;
use contracts::posts::LikeChanged;
use problem::Problem;

use crate::posts;
use crate::posts::rules::Reader;
use row::ChangeRow;

/// What came of an attempt to like a post, or to like it no longer: the event to tell, if anything changed at all.
fn told(reader: &Reader, post: PostId, change: Option<ChangeRow>, liked: bool) -> Result<Option<LikeChanged>, Problem> {
    let changed = change.as_ref().is_some_and(|change| change.changed);
    let facts = posts::joined(reader, change.map(|change| change.post))?;
    Ok(changed.then_some(LikeChanged { post_id: post, post_author_id: facts.author, user_id: reader.id, liked }))
}
