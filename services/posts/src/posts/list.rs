//! GET /posts: the newest of everybody, or of one author.

use contracts::UserId;
use db::page::{Key, List};
use garde::Validate;
use serde::Deserialize;
use server::{Answer, Caller, Data, List as Listed, Page, Query, get, list as listed};
use utoipa::{IntoParams, ToSchema};

use super::queries;
use super::row::ShownRow;
use super::rules::Reader;
use super::view::PostView;
use crate::state::State;

/// Which posts, in which order.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// The order.
    #[serde(default)]
    #[garde(skip)]
    #[param(inline)]
    pub sort: Sort,
    /// Of this author alone.
    #[garde(skip)]
    pub author: Option<UserId>,
}

/// Orders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// The newest first.
    #[default]
    New,
}

/// Posts, the newest first.
#[utoipa::path(tag = "posts", operation_id = "list_posts", params(Which, Page))]
#[get("/posts")]
pub async fn list(state: Data<State>, who: Caller, which: Query<Which>, page: Page) -> Answer<Listed<PostView>> {
    let order = List::new("posts", "new").filtered("author", which.author);
    let page = state.cursors.page(page.limit, page.cursor.as_deref(), &order)?;
    let rows = queries::newest(&mut *state.db.conn().await?, &Reader::from(&who), which.author, &page).await?;
    let (rows, next) = page.split(rows, |ShownRow { post, .. }| Key::at(post.created_at.0, post.id.0));
    let next = next.map(|key| state.cursors.cursor(key, &order));
    listed(rows.into_iter().map(PostView::from).collect(), next)
}
