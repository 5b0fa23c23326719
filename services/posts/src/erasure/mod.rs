//! All that one account made here, erased.
//!
//! His posts go with whatever others said to and liked of them. Of what he said to others only an empty place stays,
//! nobody's, where somebody answered. The counters of others' posts are right at each moment: every step changes both
//! under the posts' locks, a batch at a time. Start with [`erase`].

mod queries;

use contracts::UserId;
use db::Tx;
use gdpr::Erased;

/// Posts that one step takes.
const POSTS: i64 = 100;
/// Rows that one step takes of what hangs on them: each statement has to end in time.
const ROWS: i64 = 2_000;

/// Erases what `user` wrote, liked and was called.
pub async fn erase(tx: &mut Tx, user: UserId) -> db::Result<Erased> {
    let erased = posts(tx, user, Erased::default()).await?;
    let erased = comments(tx, user, erased).await?;
    let erased = likes(tx, user, erased).await?;
    let authors = queries::delete_author(tx, user).await?;
    let answers = queries::delete_answers(tx, user).await?;
    Ok(erased.and("authors", authors).and("kept_answers", answers))
}

/// His posts, with all that hangs on them.
async fn posts(tx: &mut Tx, user: UserId, mut erased: Erased) -> db::Result<Erased> {
    loop {
        let posts = queries::lock_own_posts(tx, user, POSTS).await?;
        if posts.is_empty() {
            return Ok(erased);
        }
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
    loop {
        let comments = queries::lock_own_comments(tx, user, ROWS).await?;
        if comments.is_empty() {
            return Ok(erased);
        }
        queries::uncount_comments(tx, &comments).await?;
        let now = tx.now();
        erased = erased.and("comments", queries::empty_comments(tx, &comments, now).await?);
        queries::delete_unanswered(tx, &comments).await?;
    }
}

/// What he liked.
async fn likes(tx: &mut Tx, user: UserId, mut erased: Erased) -> db::Result<Erased> {
    loop {
        let posts = queries::lock_liked(tx, user, ROWS).await?;
        if posts.is_empty() {
            return Ok(erased);
        }
        erased = erased.and("likes", queries::unlike(tx, user, &posts).await?);
    }
}
