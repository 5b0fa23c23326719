//! POST /posts: write one.

use contracts::posts::{PostCreated, Visibility};
use db::Tx;
use db::idempotency::{self, Key};
use garde::Validate;
use problem::Problem;
use serde::{Deserialize, Serialize};
use server::{AnswerExt, Caller, Created, Data, IdempotencyKey, Json, created, post};
use utoipa::ToSchema;
use uuid::Uuid;

use super::rules::{self, Reader};
use super::view::PostView;
use super::{queries, shown};
use crate::codes;
use crate::state::State;

/// A post to be.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "body": "Première séance ce matin : cinq minutes, et déjà plus calme.", "tags": ["zazen"] }))]
pub struct NewPost {
    /// What it says.
    #[garde(length(chars, min = 1, max = 10_000))]
    #[schema(min_length = 1, max_length = 10_000)]
    pub body: String,
    /// What it is about.
    #[serde(default)]
    #[garde(length(max = 10))]
    #[schema(max_items = 10)]
    pub tags: Vec<String>,
    /// Who may read it.
    #[serde(default)]
    #[garde(skip)]
    pub visibility: Visibility,
    /// Its pictures and documents in media.
    #[serde(default)]
    #[garde(length(max = 4))]
    #[schema(max_items = 4)]
    pub media_ids: Vec<Uuid>,
}

/// Writes a post.
#[utoipa::path(tag = "posts", operation_id = "create_post", params(
    ("Idempotency-Key" = Option<String>, Header, description = "Sent again with the same key, it writes no second post.")))]
#[post("/posts")]
pub async fn create(state: Data<State>, who: Caller, key: IdempotencyKey, body: Json<NewPost>) -> Created<PostView> {
    let draft = rules::draft(&body.body, &body.tags, body.visibility, &body.media_ids).map_err(codes::faults)?;
    let (reader, key) = (Reader::from(&who), Key::given(who.id.0, key.0.as_deref(), "create_post", &*body));
    let write = async |tx: &mut Tx| -> Result<PostView, Problem> {
        let post = queries::insert(tx, who.id, &draft).await?;
        state.quotas.post(who.id)?;
        outbox::emit(tx, &PostCreated::from(&post)).await?;
        shown(tx, &reader, post.id).await
    };
    let made = state.db.tx(async |tx| idempotency::once(tx, key, write).await).await?;
    let etag = made.value.etag();
    created(made.value).etag(etag).replayed(made.replayed)
}
