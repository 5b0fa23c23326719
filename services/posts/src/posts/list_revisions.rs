//! GET /posts/{id}/revisions: what it said before its edits.

use contracts::PostId;
use db::page::{Key, List};
use server::{Answer, Caller, Data, List as Listed, Page, Path, get, list as listed};

use super::rules::Reader;
use super::view::RevisionView;
use super::{queries, shown};
use crate::state::State;

/// What a post said before its edits, the last first; for its author and administrators.
#[utoipa::path(tag = "posts", operation_id = "list_post_revisions", params(Page))]
#[get("/posts/{id}/revisions")]
pub async fn list_revisions(
    state: Data<State>,
    who: Caller,
    id: Path<PostId>,
    page: Page,
) -> Answer<Listed<RevisionView>> {
    let (reader, order) = (Reader::from(&who), List::new("revisions", "new").filtered("post", Some(*id)));
    let page = state.cursors.page(page.limit, page.cursor.as_deref(), &order)?;
    let conn = &mut *state.db.conn().await?;
    let post = shown(conn, &reader, *id).await?;
    reader.may_change(post.author.id)?;
    let (rows, next) =
        page.split(queries::revisions(conn, *id, &page).await?, |row| Key::by(row.version, row.post_id.0));
    let next = next.map(|key| state.cursors.cursor(key, &order));
    listed(rows.into_iter().map(RevisionView::from).collect(), next)
}
