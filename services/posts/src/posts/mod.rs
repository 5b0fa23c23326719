//! Posts: written, read, edited, deleted.
//!
//! Whoever may not know of a post finds nothing there (404); what was there and is deleted is gone (410). Every path to
//! a post asks [`rules::Reader`], the lists in their SQL. Start with [`create`], then [`rules`].

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod list_revisions;
pub mod update;

pub mod queries;
pub mod row;
pub mod rules;
pub mod view;

use contracts::{PostId, Role};
use db::{Connection, Tx};
use problem::Problem;
use server::Caller;

use row::{FactsRow, PostRow};
use rules::{Facts, Reader, Refused};
use view::PostView;

impl From<&Caller> for Reader {
    fn from(who: &Caller) -> Self {
        Self { id: who.id, coach: who.identity.roles.has(Role::Coach), admin: who.identity.is_admin() }
    }
}

/// A post that `reader` may read, as he is shown it.
pub async fn shown(conn: &mut Connection, reader: &Reader, id: PostId) -> Result<PostView, Problem> {
    let row = queries::shown(conn, reader, id).await?.ok_or(Refused::Unknown)?;
    reader.may_read(&row.post.facts())?;
    Ok(row.into())
}

/// Fine if `reader` may read the post.
pub async fn readable(conn: &mut Connection, reader: &Reader, id: PostId) -> Result<(), Problem> {
    let facts = queries::facts(conn, id).await?.ok_or(Refused::Unknown)?;
    Ok(reader.may_read(&facts.into())?)
}

/// Counts one comment more on a post that `reader` may comment, and says what it is like. To be called in the
/// transaction that writes the comment, which a refusal ends.
pub async fn count_comment(tx: &mut Tx, reader: &Reader, id: PostId) -> Result<Facts, Problem> {
    joined(reader, queries::count_comments(tx, id, 1).await?)
}

/// Counts one comment less.
pub async fn uncount_comment(tx: &mut Tx, id: PostId) -> db::Result<()> {
    queries::count_comments(tx, id, -1).await.map(|_| ())
}

/// The facts of a post that `reader` may like and comment.
pub fn joined(reader: &Reader, facts: Option<FactsRow>) -> Result<Facts, Problem> {
    let facts = facts.ok_or(Refused::Unknown)?.into();
    reader.may_join(&facts)?;
    Ok(facts)
}

/// A post that `reader` may change, locked until the transaction ends.
async fn changeable(conn: &mut Connection, reader: &Reader, id: PostId) -> Result<PostRow, Problem> {
    let post = queries::locked(conn, id).await?.ok_or(Refused::Unknown)?;
    reader.may_read(&post.facts())?;
    reader.may_change(post.author_id)?;
    Ok(post)
}
