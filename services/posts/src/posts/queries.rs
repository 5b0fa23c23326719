//! Every SQL of posts.

use contracts::{PostId, UserId};
use db::page::Page;
use db::{Connection, Result, Ts, Tx, sql};
use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::row::{FactsRow, FactsSql, ItemRow, ItemSql, PostRow, RevisionRow, ShownRow, VisibilityText};
use super::rules::{Draft, Reader};
use crate::authors::row::AuthorSql;
use crate::schema::{post_revisions, posts};

type ShownSql = (SqlTypeOf<AsSelect<PostRow, Pg>>, AuthorSql, Bool);

/// The columns of `ShownRow`, of a post `p` with its author `a`; the last, `liked_by_me`, follows.
macro_rules! shown {
    () => {
        "SELECT p.id, p.author_id, p.created_at, p.edited_at, p.hidden_at, p.deleted_at, p.like_count, p.comment_count,
            p.version, p.visibility, p.tags, p.media_ids, p.body, a.username, a.full_name, a.profile_picture_url,
            a.avatar_media_id, a.erased_at IS NOT NULL, "
    };
}

/// The columns of `ItemRow`, of a post `p` with its author `a`; `mine` is the reader's like.
macro_rules! item {
    () => {
        "SELECT p.id, p.author_id, a.erased_at IS NOT NULL, a.username, a.full_name, a.profile_picture_url,
            a.avatar_media_id, p.body, p.media_ids, p.tags, p.visibility, p.like_count, p.comment_count,
            mine.post_id IS NOT NULL, p.version, p.created_at, p.edited_at "
    };
}

/// One post, for reader `$1`.
const ONE: &str = concat!(
    shown!(),
    "EXISTS (SELECT FROM likes l WHERE l.user_id = $1 AND l.post_id = p.id)
    FROM posts p LEFT JOIN authors a ON a.user_id = p.author_id WHERE p.id = $2"
);

/// The page behind (`$3`, `$4`). The limits are two because the plan is made once for all values: the inner one, never
/// reached, tells it that a page is short. What the reader likes of the page is one range of his likes (see the
/// migration of likes), not a probe for each post.
const NEWEST: &str = concat!(
    "WITH p AS MATERIALIZED (
        SELECT * FROM (
            SELECT * FROM posts
            WHERE hidden_at IS NULL AND deleted_at IS NULL AND (visibility = ANY ($2) OR author_id = $1)
                AND (created_at, id) < ($3, $4)
            ORDER BY created_at DESC, id DESC LIMIT 101
        ) longest LIMIT $5
    ), mine AS (
        SELECT post_id FROM likes WHERE user_id = $1 AND post_id
            BETWEEN (SELECT id FROM p ORDER BY id LIMIT 1) AND (SELECT id FROM p ORDER BY id DESC LIMIT 1)
    ) ",
    item!(),
    "FROM p LEFT JOIN authors a ON a.user_id = p.author_id LEFT JOIN mine ON mine.post_id = p.id
    ORDER BY p.created_at DESC, p.id DESC"
);

/// The same of author `$6`. His posts lie far apart, so here each is looked up among the reader's likes.
const NEWEST_BY: &str = concat!(
    "WITH p AS MATERIALIZED (
        SELECT * FROM (
            SELECT * FROM posts
            WHERE hidden_at IS NULL AND deleted_at IS NULL AND (visibility = ANY ($2) OR author_id = $1)
                AND (created_at, id) < ($3, $4) AND author_id = $6
            ORDER BY created_at DESC, id DESC LIMIT 101
        ) longest LIMIT $5
    ) ",
    item!(),
    "FROM p LEFT JOIN authors a ON a.user_id = p.author_id
    LEFT JOIN LATERAL (SELECT post_id FROM likes WHERE user_id = $1 AND post_id = p.id LIMIT 1) mine ON true
    ORDER BY p.created_at DESC, p.id DESC"
);

const COUNT_COMMENTS: &str = "UPDATE posts SET comment_count = comment_count + $2 WHERE id = $1
    RETURNING author_id, visibility, hidden_at, deleted_at";

/// A post as `reader` is shown it, whether he may see it or not.
pub async fn shown(conn: &mut Connection, reader: &Reader, id: PostId) -> Result<Option<ShownRow>> {
    let one = sql::<ShownSql>(ONE).bind::<SqlUuid, _>(reader.id).bind::<SqlUuid, _>(id);
    Ok(one.get_result(conn).await.optional()?)
}

/// The newest posts that `reader` may see, of everybody or of one author.
pub async fn newest(
    conn: &mut Connection,
    reader: &Reader,
    author: Option<UserId>,
    page: &Page,
) -> Result<Vec<ItemRow>> {
    let (at, id) = page.before();
    let sees = VisibilityText::all(reader.sees());
    let of = |text| {
        let posts = sql::<ItemSql>(text).bind::<SqlUuid, _>(reader.id).bind::<Array<Text>, _>(sees);
        posts.bind::<Timestamptz, _>(Ts(at)).bind::<SqlUuid, _>(id).bind::<BigInt, _>(page.rows())
    };
    Ok(match author {
        None => of(NEWEST).load(conn).await?,
        Some(author) => of(NEWEST_BY).bind::<SqlUuid, _>(author).load(conn).await?,
    })
}

/// What of a post decides who may do what with it.
pub async fn facts(conn: &mut Connection, id: PostId) -> Result<Option<FactsRow>> {
    let columns = (posts::author_id, posts::visibility, posts::hidden_at, posts::deleted_at);
    Ok(posts::table.find(id).select(columns).first(conn).await.optional()?)
}

/// A post that nobody else changes until the transaction ends.
pub async fn locked(conn: &mut Connection, id: PostId) -> Result<Option<PostRow>> {
    Ok(PostRow::query().find(id).for_no_key_update().first(conn).await.optional()?)
}

/// Writes a new post.
pub async fn insert(tx: &mut Tx, author: UserId, draft: &Draft) -> Result<PostRow> {
    let now = tx.now();
    let post = diesel::insert_into(posts::table).values((
        posts::id.eq(PostId::at(now)),
        posts::author_id.eq(author),
        posts::created_at.eq(Ts(now)),
        posts::visibility.eq(VisibilityText(draft.visibility)),
        posts::tags.eq(&draft.tags),
        posts::body.eq(&draft.body),
    ));
    Ok(post.returning(PostRow::as_returning()).get_result(&mut **tx).await?)
}

/// Writes `draft` over a post that was locked, and keeps what it said before.
pub async fn edit(tx: &mut Tx, before: &PostRow, draft: &Draft) -> Result<PostRow> {
    diesel::insert_into(post_revisions::table).values(before.revision()).execute(&mut **tx).await?;
    let edit = diesel::update(posts::table.find(before.id)).set((
        posts::body.eq(&draft.body),
        posts::tags.eq(&draft.tags),
        posts::visibility.eq(VisibilityText(draft.visibility)),
        posts::version.eq(before.version + 1),
        posts::edited_at.eq(Ts(tx.now())),
    ));
    Ok(edit.returning(PostRow::as_returning()).get_result(&mut **tx).await?)
}

/// Forgets every word of a post, and keeps that it was there.
pub async fn delete(tx: &mut Tx, id: PostId) -> Result<()> {
    diesel::delete(post_revisions::table.filter(post_revisions::post_id.eq(id))).execute(&mut **tx).await?;
    let emptied = (
        posts::body.eq(""),
        posts::tags.eq(Vec::<String>::new()),
        posts::media_ids.eq(Vec::<Uuid>::new()),
        posts::deleted_at.eq(Ts(tx.now())),
    );
    diesel::update(posts::table.find(id)).set(emptied).execute(&mut **tx).await?;
    Ok(())
}

/// What a post said before its edits, the last first.
pub async fn revisions(conn: &mut Connection, id: PostId, page: &Page) -> Result<Vec<RevisionRow>> {
    let before = page.after.as_ref().and_then(|key| key.number()).unwrap_or(i32::MAX.into());
    let revisions = RevisionRow::query().filter(post_revisions::post_id.eq(id));
    let older = revisions.filter(post_revisions::version.lt(i32::try_from(before).unwrap_or(i32::MAX)));
    Ok(older.order(post_revisions::version.desc()).limit(page.rows()).load(conn).await?)
}

/// Counts `by` comments more on a post, which says what it is like.
pub async fn count_comments(conn: &mut Connection, id: PostId, by: i32) -> Result<Option<FactsRow>> {
    let count = sql::<FactsSql>(COUNT_COMMENTS).bind::<SqlUuid, _>(id).bind::<Integer, _>(by);
    Ok(count.get_result(conn).await.optional()?)
}
