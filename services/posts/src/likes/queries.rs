//! Every SQL of likes.
//!
//! A like is made so often that the round trips of a transaction would be most of its cost: so row, counter, event and
//! the question who may do it are one statement, and one statement makes all that arrive together.

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

/// Each wish is a place of the arrays `$1` to `$6`: reader, post, whom what he sees is for, the event, the time, and
/// whether he has leave, without which nothing is made. `post` says of each whether he may join in: `Reader::may_join` in
/// SQL. Whoever tries the same at the same time waits for the row and then makes nothing. Rows are locked in the order of
/// their keys, likes before posts before events, so that no two statements wait for each other. The last column says
/// whether all is as was wanted. That the arrays come out of subqueries keeps their lengths from the planner, which would
/// plan anew for each.
const SET: &str = concat!(
    "WITH wish AS (
        SELECT * FROM unnest((SELECT $1), (SELECT $2), (SELECT $3), (SELECT $4), (SELECT $5), (SELECT $6))
            WITH ORDINALITY AS w (reader, wanted, sees, event, at, leave, n)
    ), post AS (
        SELECT n, reader, event, at, leave, id, author_id, visibility, hidden_at, deleted_at,
            hidden_at IS NULL AND deleted_at IS NULL
                AND (visibility = ANY (string_to_array(sees, ',')) OR author_id = reader) AS open
        FROM wish JOIN posts ON id = wanted
    ), made AS (
        INSERT INTO likes (user_id, post_id, created_at)
        SELECT reader, id, at FROM post WHERE open AND leave ORDER BY id, reader
        ON CONFLICT ON CONSTRAINT likes_pkey DO NOTHING RETURNING user_id, post_id
    ), counted AS (
        UPDATE posts SET like_count = like_count + fresh.likes
        FROM (SELECT post_id, count(*) AS likes FROM made GROUP BY post_id ORDER BY post_id) fresh
        WHERE posts.id = fresh.post_id RETURNING posts.id
    ), told AS (
        SELECT jsonb_set(event::jsonb, '{data,post_author_id}', to_jsonb(author_id)) AS envelope
        FROM counted JOIN post USING (id) JOIN made ON made.post_id = post.id AND made.user_id = post.reader
    ), ",
    outbox::written!("told", "fleet.in"),
    "SELECT n, author_id, visibility, hidden_at, deleted_at, made.post_id IS NOT NULL,
        leave OR EXISTS (SELECT FROM likes WHERE user_id = reader AND post_id = post.id)
    FROM post LEFT JOIN made ON made.post_id = post.id AND made.user_id = post.reader"
);

/// The same the other way round, for one: reader `$2`, who sees what is for `$3`, post `$1` and event `$4`. It needs no
/// leave.
const UNSET: &str = concat!(
    "WITH post AS (
        SELECT id, author_id, visibility, hidden_at, deleted_at,
            hidden_at IS NULL AND deleted_at IS NULL AND (visibility = ANY ($3) OR author_id = $2) AS open
        FROM posts WHERE id = $1
    ), made AS (
        DELETE FROM likes USING post WHERE user_id = $2 AND post_id = post.id AND open RETURNING post_id
    ), counted AS (
        UPDATE posts SET like_count = like_count - 1 FROM made WHERE posts.id = made.post_id RETURNING author_id
    ), told AS (
        SELECT jsonb_set($4::jsonb, '{data,post_author_id}', to_jsonb(author_id)) AS envelope FROM counted
    ), ",
    outbox::written!("told", "fleet.in"),
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
#[derive(Clone, Debug)]
pub struct Wish {
    /// Who.
    pub reader: Reader,
    /// Which post.
    pub post: PostId,
    /// The event's envelope, without the post's author.
    pub event: String,
    /// When he wished it.
    pub at: Timestamp,
    /// Whether he may make one like more.
    pub leave: bool,
}

/// Makes likes, no two of one reader and post; what came of each, or nothing where there is no such post.
pub async fn set(conn: &mut Connection, wishes: &[Wish]) -> Result<Vec<Option<ChangeRow>>> {
    let each = wishes.iter();
    let sees = |wish: &Wish| {
        VisibilityText::all(wish.reader.sees()).iter().map(|one| one.word()).collect::<Vec<_>>().join(",")
    };
    let rows: Vec<(i64, ChangeRow)> = sql::<(BigInt, (FactsSql, Bool, Bool))>(SET)
        .bind::<Array<SqlUuid>, _>(each.clone().map(|wish| wish.reader.id).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(each.clone().map(|wish| wish.post).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(each.clone().map(sees).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(each.clone().map(|wish| wish.event.as_str()).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(each.clone().map(|wish| Ts(wish.at)).collect::<Vec<_>>())
        .bind::<Array<Bool>, _>(each.map(|wish| wish.leave).collect::<Vec<_>>())
        .load(conn)
        .await?;
    let mut changes = vec![None; wishes.len()];
    for (n, change) in rows {
        // Places of an array are counted from one.
        if let Some(place) = usize::try_from(n - 1).ok().and_then(|n| changes.get_mut(n)) {
            *place = Some(change);
        }
    }
    Ok(changes)
}

/// Takes a like back; nothing where there is no such post.
pub async fn unset(conn: &mut Connection, wish: &Wish) -> Result<Option<ChangeRow>> {
    let sees = VisibilityText::all(wish.reader.sees());
    let unset = sql::<(FactsSql, Bool, Bool)>(UNSET).bind::<SqlUuid, _>(wish.post).bind::<SqlUuid, _>(wish.reader.id);
    let unset = unset.bind::<Array<Text>, _>(sees).bind::<Text, _>(&wish.event);
    Ok(unset.get_result(conn).await.optional()?)
}

/// Who likes `post`, the latest first.
pub async fn latest(conn: &mut Connection, post: PostId, page: &Page) -> Result<Vec<LikeRow>> {
    let (at, id) = page.before();
    let latest = sql::<(SqlUuid, Timestamptz, AuthorSql)>(LATEST).bind::<SqlUuid, _>(post);
    let latest = latest.bind::<Timestamptz, _>(Ts(at)).bind::<SqlUuid, _>(id).bind::<BigInt, _>(page.rows());
    Ok(latest.load(conn).await?)
}
