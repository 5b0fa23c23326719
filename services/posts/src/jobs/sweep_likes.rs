//! Delete likes of posts that are no more: whoever liked a post while it was erased with its author left one there.

use contracts::{PostId, UserId};
use db::Db;
use uuid::Uuid;

use super::queries;

/// Goes through all likes, a batch at a time; says how many were deleted.
pub async fn sweep_likes(db: &Db) -> db::Result<i64> {
    let (mut after, mut deleted) = ((UserId(Uuid::nil()), PostId(Uuid::nil())), 0);
    while let Some((user, post, gone)) = queries::unlike_nothing(&mut *db.conn().await?, after).await? {
        after = (user, post);
        deleted += gone;
    }
    Ok(deleted)
}
