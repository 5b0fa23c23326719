//! Likes: a bare fact, set and unset as often as one wants, counted once.
//!
//! The row, the post's counter and the event change together, and only if the fact does. Start with [`set`].

pub mod list;
pub mod set;
pub mod unset;

mod queries;
mod row;

use contracts::posts::LikeChanged;
use contracts::{PostId, UserId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::posts::rules::Reader;

/// The event to tell should the wish of `reader` change anything; the statement that knows it adds the post's author.
fn event(reader: &Reader, post: PostId, liked: bool, now: Timestamp) -> db::Result<String> {
    let post_author_id = UserId(Uuid::nil());
    outbox::enveloped(&LikeChanged { post_id: post, post_author_id, user_id: reader.id, liked }, now)
}
