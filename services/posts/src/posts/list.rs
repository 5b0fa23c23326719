//! GET /posts: the newest of everybody, or of one author.

use contracts::UserId;
use db::page::{Key, List};
use garde::Validate;
use serde::Deserialize;
use server::{Caller, Data, List as Listed, Page, Query, Refusal, Written, get, written_list};
use utoipa::{IntoParams, ToSchema};

use super::queries;
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

/// A page of posts.
type Posts = Result<Written<Listed<PostView>>, Refusal>;

/// Posts, the newest first.
#[utoipa::path(tag = "posts", operation_id = "list_posts", params(Which, Page))]
#[get("/posts")]
pub async fn list(state: Data<State>, who: Caller, which: Query<Which>, page: Page) -> Posts {
    let order = List::new("posts", "new").filtered("author", which.author);
    let page = state.cursors.page(page.limit, page.cursor.as_deref(), &order)?;
    let items = queries::newest(&mut *state.db.conn().await?, &Reader::from(&who), which.author, &page).await?;
    let (items, next) = page.split(items, |item| Key::at(item.created_at, item.id.0));
    let next = next.map(|key| state.cursors.cursor(key, &order));
    written_list(items.iter().map(|item| item.json.as_slice()), next.as_deref())
}
