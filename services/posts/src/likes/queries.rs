//! Every SQL of likes.
//!
//! A like is made so often that the round trips of a transaction would be most of its cost: so row, counter, event and
//! the question who may do it are one statement.

use contracts::PostId;
use db::page::Page;
use db::{Connection, Result, Ts, sql};
use diesel::OptionalExtension;
use diesel::sql_types::{Array, BigInt, Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::row::{ChangeRow, LikeRow};
use crate::authors::row::AuthorSql;
use crate::posts::row::{FactsSql, VisibilityText};
use crate::posts::rules::Reader;

/// The post `$1`, and whether reader `$2`, who sees what is for `$3`, may join in: `Reader::may_join` in SQL.
macro_rules! post {
    () => {
        "WITH post AS (
            SELECT id, author_id, visibility, hidden_at, deleted_at,
                hidden_at IS NULL AND deleted_at IS NULL AND (visibility = ANY ($3) OR author_id = $2) AS open
            FROM posts WHERE id = $1
        ), "
    };
}

/// The event `$4`, which lacks only the post's author, if a row was `counted`.
macro_rules! told {
    () => {
        concat!(
            "told AS (
                SELECT jsonb_set($4::jsonb, '{data,post_author_id}', to_jsonb(author_id)) AS envelope FROM counted
            ), ",
            outbox::written!("told", "fleet.in")
        )
    };
}

/// Whoever tries the same at the same time waits for the row and then makes nothing. Without leave (`$6`) nothing is
/// made at all, and the last column says whether there was nothing to make.
const SET: &str = concat!(
    post!(),
    "made AS (
        INSERT INTO likes (user_id, post_id, created_at) SELECT $2, id, $5 FROM post WHERE open AND $6
        ON CONFLICT ON CONSTRAINT likes_pkey DO NOTHING RETURNING post_id
    ), counted AS (
        UPDATE posts SET like_count = like_count + 1 FROM made WHERE posts.id = made.post_id RETURNING author_id
    ), ",
    told!(),
    "SELECT author_id, visibility, hidden_at, deleted_at, EXISTS (SELECT FROM made),
        $6 OR EXISTS (SELECT FROM likes WHERE user_id = $2 AND post_id = post.id)
    FROM post"
);

/// The same the other way round; it needs no leave.
const UNSET: &str = concat!(
    post!(),
    "made AS (
        DELETE FROM likes USING post WHERE user_id = $2 AND post_id = post.id AND open RETURNING post_id
    ), counted AS (
        UPDATE posts SET like_count = like_count - 1 FROM made WHERE posts.id = made.post_id RETURNING author_id
    ), ",
    told!(),
    "SELECT author_id, visibility, hidden_at, deleted_at, EXISTS (SELECT FROM made), true FROM post"
);

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

/// Who wants to like which post, or no longer, and the event to tell if that changes anything.
#[derive(Debug)]
pub struct Wish<'a> {
    /// Who.
    pub reader: &'a Reader,
    /// Which post.
    pub post: PostId,
    /// The event's envelope, without the post's author.
    pub event: &'a str,
}

/// Makes a like, with `leave` to; nothing where there is no such post.
pub async fn set(conn: &mut Connection, wish: &Wish<'_>, now: Timestamp, leave: bool) -> Result<Option<ChangeRow>> {
    let sees = VisibilityText::all(wish.reader.sees());
    let set = sql::<(FactsSql, Bool, Bool)>(SET).bind::<SqlUuid, _>(wish.post).bind::<SqlUuid, _>(wish.reader.id);
    let set = set.bind::<Array<Text>, _>(sees).bind::<Text, _>(wish.event).bind::<Timestamptz, _>(Ts(now));
    Ok(set.bind::<Bool, _>(leave).get_result(conn).await.optional()?)
}

/// Takes a like back; nothing where there is no such post.
pub async fn unset(conn: &mut Connection, wish: &Wish<'_>) -> Result<Option<ChangeRow>> {
    let sees = VisibilityText::all(wish.reader.sees());
    let unset = sql::<(FactsSql, Bool, Bool)>(UNSET).bind::<SqlUuid, _>(wish.post).bind::<SqlUuid, _>(wish.reader.id);
    let unset = unset.bind::<Array<Text>, _>(sees).bind::<Text, _>(wish.event);
    Ok(unset.get_result(conn).await.optional()?)
}

/// Who likes `post`, the latest first.
pub async fn latest(conn: &mut Connection, post: PostId, page: &Page) -> Result<Vec<LikeRow>> {
    let (at, id) = page.before();
    let latest = sql::<(SqlUuid, Timestamptz, AuthorSql)>(LATEST).bind::<SqlUuid, _>(post);
    let latest = latest.bind::<Timestamptz, _>(Ts(at)).bind::<SqlUuid, _>(id).bind::<BigInt, _>(page.rows());
    Ok(latest.load(conn).await?)
}
