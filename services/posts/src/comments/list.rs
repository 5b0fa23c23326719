//! GET /posts/{id}/comments: what is said about it.

use contracts::PostId;
use db::page::{Key, List};
use server::{Answer, Caller, Data, List as Listed, Page, Path, get, list as listed};

use super::queries;
use super::row::ShownRow;
use super::view::CommentView;
use crate::posts;
use crate::posts::rules::Reader;
use crate::state::State;

/// The comments on a post: threads one after the other, the oldest first, each from top to bottom.
#[utoipa::path(tag = "comments", operation_id = "list_comments", params(Page))]
#[get("/posts/{id}/comments")]
pub async fn list(state: Data<State>, who: Caller, id: Path<PostId>, page: Page) -> Answer<Listed<CommentView>> {
    let order = List::new("comments", "thread").filtered("post", Some(*id));
    let page = state.cursors.page(page.limit, page.cursor.as_deref(), &order)?;
    let conn = &mut *state.db.conn().await?;
    posts::readable(conn, &Reader::from(&who), *id).await?;
    let rows = queries::thread(conn, *id, &page).await?;
    let (rows, next) = page.split(rows, |ShownRow { comment, path, .. }| Key::by(path.as_str(), comment.id.0));
    let next = next.map(|key| state.cursors.cursor(key, &order));
    listed(rows.into_iter().map(CommentView::from).collect(), next)
}
