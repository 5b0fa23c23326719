//! Every SQL of erasures. Each locks posts by id before anything that hangs on them, and looks at that in a statement of
//! its own, so that it sees what was committed before the lock was had. A batch is behind the one before it: what that one
//! erased is still in the indexes until the transaction ends, and would be read again each time.

use contracts::{CommentId, PostId, UserId};
use db::{Connection, Result, Ts, sql};
use diesel::sql_types::{Array, BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use uuid::Uuid;

const LOCK_OWN_POSTS: &str = "SELECT id FROM posts WHERE author_id = $1 AND id > $2 ORDER BY id LIMIT $3 FOR UPDATE";

const DELETE_LIKES_OF: &str = "DELETE FROM likes WHERE (user_id, post_id) IN
    (SELECT user_id, post_id FROM likes WHERE post_id = ANY ($1) LIMIT $2)";

const DELETE_COMMENTS_OF: &str = "DELETE FROM comments WHERE post_id = ANY ($1)";

const DELETE_REVISIONS_OF: &str = "DELETE FROM post_revisions WHERE post_id = ANY ($1)";

const DELETE_POSTS: &str = "DELETE FROM posts WHERE id = ANY ($1)";

/// The posts first, as whoever comments locks them, then the comments.
const LOCK_COMMENTED: &str = "SELECT id FROM posts WHERE id IN
    (SELECT post_id FROM (SELECT post_id FROM comments WHERE author_id = $1 AND id > $2 ORDER BY id LIMIT $3) own)
    ORDER BY id FOR NO KEY UPDATE";

const LOCK_OWN_COMMENTS: &str =
    "SELECT id FROM comments WHERE author_id = $1 AND id > $2 ORDER BY id LIMIT $3 FOR UPDATE";

const UNCOUNT: &str = "UPDATE posts SET comment_count = comment_count - own.said
    FROM (SELECT post_id, count(*)::int AS said FROM comments
        WHERE id = ANY ($1) AND deleted_at IS NULL GROUP BY post_id) own
    WHERE posts.id = own.post_id";

/// Nobody's from now on: the author of nothing has no id.
const EMPTY: &str =
    "UPDATE comments SET author_id = $2, body = '', deleted_at = coalesce(deleted_at, $3), edited_at = NULL
    WHERE id = ANY ($1)";

/// An empty place that nobody answered is of no use. Where he answered himself the last one goes first: it is asked again
/// until none goes.
const DELETE_UNANSWERED: &str = "DELETE FROM comments WHERE id = ANY ($1) AND NOT EXISTS
    (SELECT FROM comments AS answer WHERE answer.parent_id = comments.id)";

const LOCK_LIKED: &str = "SELECT id FROM posts WHERE id IN
    (SELECT post_id FROM likes WHERE user_id = $1 AND post_id > $2 ORDER BY post_id LIMIT $3)
    ORDER BY id FOR NO KEY UPDATE";

const UNLIKE: &str = "WITH gone AS (
        DELETE FROM likes WHERE user_id = $1 AND post_id = ANY ($2) RETURNING post_id
    )
    UPDATE posts SET like_count = like_count - 1 FROM gone WHERE posts.id = gone.post_id";

/// Likes of posts that are no more.
const UNLIKE_NOTHING: &str = "DELETE FROM likes WHERE user_id = $1
    AND NOT EXISTS (SELECT FROM posts WHERE posts.id = likes.post_id)";

const DELETE_AUTHOR: &str = "DELETE FROM authors WHERE user_id = $1";

const DELETE_ANSWERS: &str = "DELETE FROM idempotency_keys
    WHERE created_at > $2 AND (user_id = $1 OR strpos(answer::text, $1::text) > 0)";

/// Up to `most` posts of `author` behind `last`, which nobody changes, likes or comments until the transaction ends.
pub async fn lock_own_posts(conn: &mut Connection, author: UserId, last: PostId, most: i64) -> Result<Vec<PostId>> {
    let lock = sql::<SqlUuid>(LOCK_OWN_POSTS).bind::<SqlUuid, _>(author).bind::<SqlUuid, _>(last);
    Ok(lock.bind::<BigInt, _>(most).load(conn).await?)
}

/// Deletes up to `most` likes of these posts.
pub async fn delete_likes_of(conn: &mut Connection, posts: &[PostId], most: i64) -> Result<usize> {
    let delete = sql::<()>(DELETE_LIKES_OF).bind::<Array<SqlUuid>, _>(posts).bind::<BigInt, _>(most);
    Ok(delete.execute(conn).await?)
}

/// Deletes the comments on these posts.
pub async fn delete_comments_of(conn: &mut Connection, posts: &[PostId]) -> Result<usize> {
    Ok(sql::<()>(DELETE_COMMENTS_OF).bind::<Array<SqlUuid>, _>(posts).execute(conn).await?)
}

/// Deletes what these posts said before.
pub async fn delete_revisions_of(conn: &mut Connection, posts: &[PostId]) -> Result<usize> {
    Ok(sql::<()>(DELETE_REVISIONS_OF).bind::<Array<SqlUuid>, _>(posts).execute(conn).await?)
}

/// Deletes these posts, on which nothing hangs any more.
pub async fn delete_posts(conn: &mut Connection, posts: &[PostId]) -> Result<usize> {
    Ok(sql::<()>(DELETE_POSTS).bind::<Array<SqlUuid>, _>(posts).execute(conn).await?)
}

/// Up to `most` comments of `author` behind `last`, on others' posts, all locked.
pub async fn lock_own_comments(
    conn: &mut Connection,
    author: UserId,
    last: CommentId,
    most: i64,
) -> Result<Vec<CommentId>> {
    let posts = sql::<SqlUuid>(LOCK_COMMENTED).bind::<SqlUuid, _>(author).bind::<SqlUuid, _>(last);
    posts.bind::<BigInt, _>(most).execute(conn).await?;
    let own = sql::<SqlUuid>(LOCK_OWN_COMMENTS).bind::<SqlUuid, _>(author).bind::<SqlUuid, _>(last);
    Ok(own.bind::<BigInt, _>(most).load(conn).await?)
}

/// Counts these comments no more on their posts.
pub async fn uncount_comments(conn: &mut Connection, comments: &[CommentId]) -> Result<()> {
    sql::<()>(UNCOUNT).bind::<Array<SqlUuid>, _>(comments).execute(conn).await?;
    Ok(())
}

/// Takes word and author from these comments; their places stay.
pub async fn empty_comments(conn: &mut Connection, comments: &[CommentId], now: Timestamp) -> Result<usize> {
    let nobody = UserId(Uuid::nil());
    let empty = sql::<()>(EMPTY).bind::<Array<SqlUuid>, _>(comments).bind::<SqlUuid, _>(nobody);
    Ok(empty.bind::<Timestamptz, _>(Ts(now)).execute(conn).await?)
}

/// Deletes those of these comments that nobody answered, and those that only they answered.
pub async fn delete_unanswered(conn: &mut Connection, comments: &[CommentId]) -> Result<()> {
    while sql::<()>(DELETE_UNANSWERED).bind::<Array<SqlUuid>, _>(comments).execute(conn).await? > 0 {}
    Ok(())
}

/// Deletes the likes of `user` that are on no post.
pub async fn unlike_nothing(conn: &mut Connection, user: UserId) -> Result<usize> {
    Ok(sql::<()>(UNLIKE_NOTHING).bind::<SqlUuid, _>(user).execute(conn).await?)
}

/// Up to `most` posts behind `last` that `user` likes, all locked.
pub async fn lock_liked(conn: &mut Connection, user: UserId, last: PostId, most: i64) -> Result<Vec<PostId>> {
    let lock = sql::<SqlUuid>(LOCK_LIKED).bind::<SqlUuid, _>(user).bind::<SqlUuid, _>(last);
    Ok(lock.bind::<BigInt, _>(most).load(conn).await?)
}

/// Takes the likes of `user` back from these posts.
pub async fn unlike(conn: &mut Connection, user: UserId, posts: &[PostId]) -> Result<usize> {
    Ok(sql::<()>(UNLIKE).bind::<SqlUuid, _>(user).bind::<Array<SqlUuid>, _>(posts).execute(conn).await?)
}

/// Deletes the copy of a profile.
pub async fn delete_author(conn: &mut Connection, user: UserId) -> Result<usize> {
    Ok(sql::<()>(DELETE_AUTHOR).bind::<SqlUuid, _>(user).execute(conn).await?)
}

/// Deletes the answers that were kept for repeats since then, his own and those that show him.
pub async fn delete_answers(conn: &mut Connection, user: UserId, since: Timestamp) -> Result<usize> {
    let delete = sql::<()>(DELETE_ANSWERS).bind::<SqlUuid, _>(user).bind::<Timestamptz, _>(Ts(since));
    Ok(delete.execute(conn).await?)
}
