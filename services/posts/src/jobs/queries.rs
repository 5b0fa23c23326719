//! Every SQL of the jobs.

use contracts::{PostId, UserId};
use db::{Connection, Result, Ts, Tx, sql};
use diesel::OptionalExtension;
use diesel::sql_types::{BigInt, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::rules::Count;

/// One row, and only for the first who asks. What was begun in the future was begun by a clock that has since
/// travelled back.
const CLAIM: &str = "INSERT INTO jobs AS j (name, begun_at) VALUES ($1, $3)
    ON CONFLICT ON CONSTRAINT jobs_pkey DO UPDATE SET begun_at = excluded.begun_at
    WHERE j.begun_at < $2 OR j.begun_at > excluded.begun_at";

/// One snapshot shows counters and rows as they belong together.
const COUNTS: &str = "SELECT p.id, p.like_count, p.comment_count,
        (SELECT count(*) FROM likes WHERE post_id = p.id),
        (SELECT count(*) FROM comments WHERE post_id = p.id AND deleted_at IS NULL)
    FROM (SELECT id, like_count, comment_count FROM posts WHERE id > $1 ORDER BY id LIMIT $2) p ORDER BY p.id";

const LOCK: &str = "SELECT id FROM posts WHERE id = $1 FOR NO KEY UPDATE";

/// A statement of its own, so that it sees what was committed before the lock was had.
const RECOUNT: &str = "UPDATE posts SET like_count = c.likes, comment_count = c.comments
    FROM (SELECT (SELECT count(*)::int FROM likes WHERE post_id = $1) AS likes,
        (SELECT count(*)::int FROM comments WHERE post_id = $1 AND deleted_at IS NULL) AS comments) c
    WHERE id = $1 AND (like_count, comment_count) <> (c.likes, c.comments)";

/// Where a snapshot shows a like it shows the post that was there to be liked. How many are looked at stands here, so that
/// the plan, made once, is made for as many.
const UNLIKE_NOTHING: &str = "WITH page AS MATERIALIZED (
        SELECT user_id, post_id FROM likes WHERE (user_id, post_id) > ($1, $2) ORDER BY user_id, post_id LIMIT 2000
    ), gone AS (
        DELETE FROM likes USING page WHERE likes.user_id = page.user_id AND likes.post_id = page.post_id
            AND NOT EXISTS (SELECT FROM posts WHERE posts.id = page.post_id) RETURNING likes.post_id
    )
    SELECT user_id, post_id, (SELECT count(*) FROM gone) FROM page ORDER BY user_id DESC, post_id DESC LIMIT 1";

/// Whether the job `name`, last due at `due`, is to be begun by whoever asks.
pub async fn claim(conn: &mut Connection, name: &str, due: Timestamp, now: Timestamp) -> Result<bool> {
    let claim = sql::<()>(CLAIM).bind::<Text, _>(name).bind::<Timestamptz, _>(Ts(due));
    Ok(claim.bind::<Timestamptz, _>(Ts(now)).execute(conn).await? == 1)
}

/// What the counters of the next `most` posts behind `after` say, and what there is.
pub async fn counts(conn: &mut Connection, after: PostId, most: i64) -> Result<Vec<Count>> {
    type Row = (SqlUuid, Integer, Integer, BigInt, BigInt);
    let counts = sql::<Row>(COUNTS).bind::<SqlUuid, _>(after).bind::<BigInt, _>(most);
    let rows: Vec<(PostId, i32, i32, i64, i64)> = counts.load(conn).await?;
    let count =
        |(post, likes_said, comments_said, likes, comments)| Count { post, likes_said, comments_said, likes, comments };
    Ok(rows.into_iter().map(count).collect())
}

/// Writes what there is into the counters of `post`; says whether that changed them.
pub async fn recount(tx: &mut Tx, post: PostId) -> Result<bool> {
    sql::<SqlUuid>(LOCK).bind::<SqlUuid, _>(post).execute(&mut **tx).await?;
    Ok(sql::<()>(RECOUNT).bind::<SqlUuid, _>(post).execute(&mut **tx).await? == 1)
}

/// Looks at the next likes behind `after`, and deletes those that are on no post; the last one, and how many were deleted.
pub async fn unlike_nothing(conn: &mut Connection, after: (UserId, PostId)) -> Result<Option<(UserId, PostId, i64)>> {
    let unlike = sql::<(SqlUuid, SqlUuid, BigInt)>(UNLIKE_NOTHING).bind::<SqlUuid, _>(after.0);
    Ok(unlike.bind::<SqlUuid, _>(after.1).get_result(conn).await.optional()?)
}
