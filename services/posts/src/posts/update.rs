//! PUT /posts/{id}: write it anew.

use contracts::PostId;
use contracts::posts::{PostUpdated, Visibility};
use db::Tx;
use garde::Validate;
use problem::Problem;
use serde::Deserialize;
use server::{Answer, AnswerExt, Caller, Data, IfMatch, Json, Path, answer, put};
use utoipa::ToSchema;
use uuid::Uuid;

use super::rules::{self, Reader};
use super::view::PostView;
use super::{changeable, queries, shown};
use crate::codes;
use crate::state::State;

/// A post written anew. What is left out stays as it is.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "body": "Deuxième séance : dix minutes." }))]
pub struct PostEdit {
    /// What it says.
    #[garde(length(chars, min = 1, max = 10_000))]
    #[schema(min_length = 1, max_length = 10_000)]
    pub body: String,
    /// What it is about.
    #[garde(length(max = 10))]
    #[schema(max_items = 10)]
    pub tags: Option<Vec<String>>,
    /// Who may read it.
    #[garde(skip)]
    pub visibility: Option<Visibility>,
    /// Its pictures and documents in media.
    #[serde(default)]
    #[garde(length(max = 4))]
    #[schema(max_items = 4)]
    pub media_ids: Vec<Uuid>,
}

/// Writes a post anew; what it said before is kept.
#[utoipa::path(tag = "posts", operation_id = "update_post", params(
    ("If-Match" = Option<String>, Header, description = "The ETag it was read with.")))]
#[put("/posts/{id}")]
pub async fn update(
    state: Data<State>,
    who: Caller,
    id: Path<PostId>,
    expected: IfMatch,
    body: Json<PostEdit>,
) -> Answer<PostView> {
    let reader = Reader::from(&who);
    let write = async |tx: &mut Tx| -> Result<PostView, Problem> {
        let before = changeable(tx, &reader, *id).await?;
        expected.allows(before.version)?;
        let tags = body.tags.as_ref().unwrap_or(&before.tags);
        let visibility = body.visibility.unwrap_or(before.visibility.0);
        let draft = rules::draft(&body.body, tags, visibility, &body.media_ids).map_err(codes::faults)?;
        if draft != before.draft() {
            let post = queries::edit(tx, &before, &draft).await?;
            outbox::emit(tx, &PostUpdated::from(&post)).await?;
        }
        shown(tx, &reader, *id).await
    };
    let post = state.db.tx(write).await?;
    let etag = post.etag();
    answer(post).etag(etag)
}
