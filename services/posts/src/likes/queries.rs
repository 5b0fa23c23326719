//! Every SQL of likes.

use contracts::{PostId, UserId};
use db::page::Page;
use db::{Connection, Result, Ts, Tx, sql};
use diesel::OptionalExtension;
use diesel::sql_types::{BigInt, Bool, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::row::{ChangeRow, LikeRow};
use crate::authors::row::AuthorSql;
use crate::posts::row::FactsSql;

/// The like, the counter and what the post is like, in one round trip. Whoever tries the same at the same time waits
/// for the row and then changes nothing.
const SET: &str = "WITH post AS (
        SELECT id, author_id, visibility, hidden_at, deleted_at FROM posts WHERE id = $1
    ), made AS (
        INSERT INTO likes (user_id, post_id, created_at) SELECT $2, id, $3 FROM post
        ON CONFLICT ON CONSTRAINT likes_pkey DO NOTHING RETURNING post_id
    ), counted AS (
        UPDATE posts SET like_count = like_count + 1 FROM made WHERE posts.id = made.post_id
    )
    SELECT author_id, visibility, hidden_at, deleted_at, EXISTS (SELECT FROM made) FROM post";

/// The same the other way round.
const UNSET: &str = "WITH post AS (
        SELECT id, author_id, visibility, hidden_at, deleted_at FROM posts WHERE id = $1
    ), made AS (
        DELETE FROM likes USING post WHERE user_id = $2 AND post_id = post.id RETURNING post_id
    ), counted AS (
        UPDATE posts SET like_count = like_count - 1 FROM made WHERE posts.id = made.post_id
    )
    SELECT author_id, visibility, hidden_at, deleted_at, EXISTS (SELECT FROM made) FROM post";

/// The page behind (`$2`, `$3`); of the two limits the inner one tells the plan that a page is short.
const LATEST: &str = "SELECT l.user_id, l.created_at, a.username, a.full_name, a.profile_picture_url,
        a.avatar_media_id, a.erased_at IS NOT NULL
    FROM (
        SELECT * FROM (
            SELECT user_id, created_at FROM likes WHERE post_id = $1 AND (created_at, user_id) < ($2, $3)
            ORDER BY created_at DESC, user_id DESC LIMIT 101
        ) longest LIMIT $4
    ) l LEFT JOIN authors a ON a.user_id = l.user_id
    ORDER BY l.created_at DESC, l.user_id DESC";

/// `user` likes `post`; nothing where there is no such post.
pub async fn set(tx: &mut Tx, user: UserId, post: PostId) -> Result<Option<ChangeRow>> {
    let set = sql::<(FactsSql, Bool)>(SET).bind::<SqlUuid, _>(post).bind::<SqlUuid, _>(user);
    Ok(set.bind::<Timestamptz, _>(Ts(tx.now())).get_result(&mut **tx).await.optional()?)
}

/// `user` likes `post` no longer; nothing where there is no such post.
pub async fn unset(tx: &mut Tx, user: UserId, post: PostId) -> Result<Option<ChangeRow>> {
    let unset = sql::<(FactsSql, Bool)>(UNSET).bind::<SqlUuid, _>(post).bind::<SqlUuid, _>(user);
    Ok(unset.get_result(&mut **tx).await.optional()?)
}

/// Who likes `post`, the latest first.
pub async fn latest(conn: &mut Connection, post: PostId, page: &Page) -> Result<Vec<LikeRow>> {
    let (at, id) = page.before();
    let latest = sql::<(SqlUuid, Timestamptz, AuthorSql)>(LATEST).bind::<SqlUuid, _>(post);
    let latest = latest.bind::<Timestamptz, _>(Ts(at)).bind::<SqlUuid, _>(id).bind::<BigInt, _>(page.rows());
    Ok(latest.load(conn).await?)
}
