//! All that one account made here, erased.
//!
//! His posts go with whatever others said to and liked of them. Of what he said to others only an empty place stays,
//! nobody's, where somebody answered. The counters of others' posts are right at each moment: every step changes both
//! under the posts' locks, a batch at a time. What reads much comes before the first of them is had. Start with [`erase`].

mod queries;

use contracts::{CommentId, PostId, UserId};
use db::Tx;
use gdpr::Erased;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// Posts that one step takes.
const POSTS: i64 = 100;
/// Rows that one step takes of what hangs on them: each statement has to end in time.
const ROWS: i64 = 2_000;

/// Answers that were kept so lately are looked at once more, when all else is done.
const YOUNG: SignedDuration = SignedDuration::from_mins(10);

/// Erases what `user` wrote, liked and was called.
pub async fn erase(tx: &mut Tx, user: UserId) -> db::Result<Erased> {
    let answers = queries::delete_answers(tx, user, Timestamp::UNIX_EPOCH).await?;
    // A batch of them alone would look like the end of his likes.
    let of_nothing = queries::unlike_nothing(tx, user).await?;
    let erased = posts(tx, user, Erased::default().and("likes", of_nothing)).await?;
    let erased = comments(tx, user, erased).await?;
    let erased = likes(tx, user, erased).await?;
    let authors = queries::delete_author(tx, user).await?;
    let since = tx.now() - YOUNG;
    let young = queries::delete_answers(tx, user, since).await?;
    Ok(erased.and("authors", authors).and("kept_answers", answers).and("kept_answers", young))
}

/// His posts, with all that hangs on them.
async fn posts(tx: &mut Tx, user: UserId, mut erased: Erased) -> db::Result<Erased> {
    let mut last = PostId(Uuid::nil());
    loop {
        let posts = queries::lock_own_posts(tx, user, last, POSTS).await?;
        let Some(newest) = posts.last() else { return Ok(erased) };
        last = *newest;
        loop {
            let likes = queries::delete_likes_of(tx, &posts, ROWS).await?;
            erased = erased.and("likes_of_posts", likes);
            if likes == 0 {
                break;
            }
        }
        let comments = queries::delete_comments_of(tx, &posts).await?;
        let revisions = queries::delete_revisions_of(tx, &posts).await?;
        let gone = queries::delete_posts(tx, &posts).await?;
        erased = erased.and("comments_on_posts", comments).and("revisions", revisions).and("posts", gone);
    }
}

/// What he said to others.
async fn comments(tx: &mut Tx, user: UserId, mut erased: Erased) -> db::Result<Erased> {
    let mut last = CommentId(Uuid::nil());
    loop {
        let comments = queries::lock_own_comments(tx, user, last, ROWS).await?;
        let Some(newest) = comments.last() else { return Ok(erased) };
        last = *newest;
        queries::uncount_comments(tx, &comments).await?;
        let now = tx.now();
        erased = erased.and("comments", queries::empty_comments(tx, &comments, now).await?);
        queries::delete_unanswered(tx, &comments).await?;
    }
}

/// What he liked.
async fn likes(tx: &mut Tx, user: UserId, mut erased: Erased) -> db::Result<Erased> {
    let mut last = PostId(Uuid::nil());
    loop {
        let posts = queries::lock_liked(tx, user, last, ROWS).await?;
        let Some(newest) = posts.last() else { return Ok(erased) };
        last = *newest;
        erased = erased.and("likes", queries::unlike(tx, user, &posts).await?);
    }
}
