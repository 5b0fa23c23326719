//! Every SQL of comments.

use contracts::{CommentId, PostId, UserId};
use db::page::Page;
use db::{Connection, Result, Ts, Tx, sql};
use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::row::{CommentRow, ParentRow, ShownRow};
use super::rules::Place;
use crate::authors::row::AuthorSql;
use crate::schema::comments;

type CommentSql = SqlTypeOf<AsSelect<CommentRow, Pg>>;
type ShownSql = (CommentSql, Text, AuthorSql);

/// The columns of `ShownRow`, of a comment `c` with its author `a`.
macro_rules! shown {
    () => {
        "SELECT c.id, c.post_id, c.author_id, c.parent_id, c.created_at, c.edited_at, c.deleted_at, c.version, c.depth,
            c.body, c.path::text, a.username, a.full_name, a.profile_picture_url, a.avatar_media_id,
            a.erased_at IS NOT NULL "
    };
}

const ONE: &str = concat!(shown!(), "FROM comments c LEFT JOIN authors a ON a.user_id = c.author_id WHERE c.id = $1");

/// The page behind the path `$2`; of the two limits the inner one tells the plan that a page is short.
const THREAD: &str = concat!(
    shown!(),
    "FROM (
        SELECT * FROM (
            SELECT * FROM comments WHERE post_id = $1 AND path > $2::text::ltree ORDER BY path LIMIT 101
        ) longest LIMIT $3
    ) c LEFT JOIN authors a ON a.user_id = c.author_id ORDER BY c.path"
);

const PARENT: &str = "SELECT post_id, depth, path::text, deleted_at FROM comments WHERE id = $1";

const INSERT: &str = "INSERT INTO comments (id, post_id, author_id, parent_id, created_at, depth, path, body)
    VALUES ($1, $2, $3, $4, $5, $6, $7::text::ltree, $8)
    RETURNING id, post_id, author_id, parent_id, created_at, edited_at, deleted_at, version, depth, body";

/// A comment to be written.
#[derive(Debug)]
pub struct New<'a> {
    /// The comment.
    pub id: CommentId,
    /// The post it is on.
    pub post: PostId,
    /// Who writes it.
    pub author: UserId,
    /// The comment it answers.
    pub parent: Option<CommentId>,
    /// What it says.
    pub body: &'a str,
}

/// A comment as readers are shown it.
pub async fn shown(conn: &mut Connection, id: CommentId) -> Result<ShownRow> {
    Ok(sql::<ShownSql>(ONE).bind::<SqlUuid, _>(id).get_result(conn).await?)
}

/// The comments on `post`, threads one after the other, each from top to bottom.
pub async fn thread(conn: &mut Connection, post: PostId, page: &Page) -> Result<Vec<ShownRow>> {
    let after = page.after.as_ref().and_then(|key| key.text()).unwrap_or_default();
    let thread = sql::<ShownSql>(THREAD).bind::<SqlUuid, _>(post).bind::<Text, _>(after);
    Ok(thread.bind::<BigInt, _>(page.rows()).load(conn).await?)
}

/// A comment that is answered. Should it be deleted at this very moment, the answer stands below its empty place.
pub async fn parent(tx: &mut Tx, id: CommentId) -> Result<Option<ParentRow>> {
    type Row = (SqlUuid, SmallInt, Text, Nullable<Timestamptz>);
    Ok(sql::<Row>(PARENT).bind::<SqlUuid, _>(id).get_result(&mut **tx).await.optional()?)
}

/// Writes a comment at its place.
pub async fn insert(tx: &mut Tx, new: New<'_>, place: &Place) -> Result<CommentRow> {
    let insert = sql::<CommentSql>(INSERT)
        .bind::<SqlUuid, _>(new.id)
        .bind::<SqlUuid, _>(new.post)
        .bind::<SqlUuid, _>(new.author)
        .bind::<Nullable<SqlUuid>, _>(new.parent)
        .bind::<Timestamptz, _>(Ts(tx.now()))
        .bind::<SmallInt, _>(place.depth)
        .bind::<Text, _>(&place.path)
        .bind::<Text, _>(new.body);
    Ok(insert.get_result(&mut **tx).await?)
}

/// A comment that nobody else changes until the transaction ends. Answers to it may be written: theirs is the post's
/// row first, so waiting for each other would never end.
pub async fn locked(tx: &mut Tx, id: CommentId) -> Result<Option<CommentRow>> {
    Ok(CommentRow::query().find(id).for_no_key_update().first(&mut **tx).await.optional()?)
}

/// Writes `body` over a comment.
pub async fn edit(tx: &mut Tx, id: CommentId, body: &str) -> Result<()> {
    let edited =
        (comments::body.eq(body), comments::version.eq(comments::version + 1), comments::edited_at.eq(Ts(tx.now())));
    diesel::update(comments::table.find(id)).set(edited).execute(&mut **tx).await?;
    Ok(())
}

/// Forgets every word of a comment, and keeps its place.
pub async fn delete(tx: &mut Tx, id: CommentId) -> Result<()> {
    let emptied = (comments::body.eq(""), comments::deleted_at.eq(Ts(tx.now())));
    diesel::update(comments::table.find(id)).set(emptied).execute(&mut **tx).await?;
    Ok(())
}
