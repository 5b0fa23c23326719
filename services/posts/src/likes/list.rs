//! GET /posts/{id}/likes: who likes it.

use contracts::PostId;
use db::Ts;
use db::page::{Key, List};
use serde::Serialize;
use server::{Answer, Caller, Data, List as Listed, Page, Path, get, list as listed};
use utoipa::ToSchema;

use super::queries;
use super::row::LikeRow;
use crate::authors::view::AuthorView;
use crate::posts;
use crate::posts::rules::Reader;
use crate::state::State;

/// Somebody who likes a post.
#[derive(Debug, Serialize, ToSchema)]
pub struct LikeView {
    /// Who.
    pub user: AuthorView,
    /// Since when.
    pub liked_at: Ts,
}

/// Who likes a post, the latest first.
#[utoipa::path(tag = "likes", operation_id = "list_likes", params(Page))]
#[get("/posts/{id}/likes")]
pub async fn list(state: Data<State>, who: Caller, id: Path<PostId>, page: Page) -> Answer<Listed<LikeView>> {
    let order = List::new("likes", "new").filtered("post", Some(*id));
    let page = state.cursors.page(page.limit, page.cursor.as_deref(), &order)?;
    let conn = &mut *state.db.conn().await?;
    posts::readable(conn, &Reader::from(&who), *id).await?;
    let rows = queries::latest(conn, *id, &page).await?;
    let (rows, next) = page.split(rows, |row| Key::at(row.created_at.0, row.user_id.0));
    let next = next.map(|key| state.cursors.cursor(key, &order));
    listed(rows.into_iter().map(LikeView::from).collect(), next)
}

impl From<LikeRow> for LikeView {
    fn from(row: LikeRow) -> Self {
        Self { user: AuthorView::new(row.user_id, row.author), liked_at: row.created_at }
    }
}
