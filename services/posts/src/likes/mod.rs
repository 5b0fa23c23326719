//! Likes: a bare fact, set and unset as often as one wants, counted once.
//!
//! The row, the post's counter and the event change together, and only if the fact does. Start with [`set`].

pub mod line;
pub mod list;
pub mod set;
pub mod unset;

mod batch;
mod queries;
mod row;

pub use batch::Batches;
use contracts::posts::LikeChanged;
use contracts::{PostId, UserId};
use jiff::Timestamp;
use queries::Wish;
use uuid::Uuid;

use crate::posts::rules::Reader;

/// The wish of `reader` to like a post or no longer to, with the event to tell should it change anything; the statement
/// that knows it adds the post's author.
fn wish(reader: Reader, post: PostId, liked: bool, leave: bool, at: Timestamp) -> db::Result<Wish> {
    let post_author_id = UserId(Uuid::nil());
    let event = outbox::enveloped(&LikeChanged { post_id: post, post_author_id, user_id: reader.id, liked }, at)?;
    Ok(Wish { reader, post, event, at, leave })
}
