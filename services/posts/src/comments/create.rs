//! POST /posts/{id}/comments: comment it, or answer a comment.

use contracts::{CommentId, PostId};
use db::Tx;
use db::idempotency::{self, Key};
use garde::Validate;
use problem::Problem;
use serde::{Deserialize, Serialize};
use server::{AnswerExt, Caller, Created, Data, IdempotencyKey, Json, Path, created, post};
use utoipa::ToSchema;

use super::queries::New;
use super::view::CommentView;
use super::{queries, rules, shown};
use crate::posts::rules::{Reader, text};
use crate::state::State;
use crate::{codes, posts};

/// A comment to be.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "body": "Bravo, continue !" }))]
pub struct NewComment {
    /// What it says.
    #[garde(length(chars, min = 1, max = 2_000))]
    #[schema(min_length = 1, max_length = 2_000)]
    pub body: String,
    /// The comment it answers; none to answer the post itself.
    #[garde(skip)]
    pub parent_id: Option<CommentId>,
}

/// Comments a post, or answers a comment on it. Threads are at most eight deep: a deeper answer stands beside the one
/// that it answers.
#[utoipa::path(tag = "comments", operation_id = "create_comment", params(
    ("Idempotency-Key" = Option<String>, Header, description = "Sent again with the same key, it writes no second comment.")))]
#[post("/posts/{id}/comments")]
pub async fn create(
    state: Data<State>,
    who: Caller,
    id: Path<PostId>,
    key: IdempotencyKey,
    body: Json<NewComment>,
) -> Created<CommentView> {
    text("/body", &body.body).map_err(|fault| codes::faults(vec![fault]))?;
    let key = Key::given(who.id.0, key.0.as_deref(), "create_comment", &(*id, &*body));
    let write = async |tx: &mut Tx| write(tx, &state, &Reader::from(&who), *id, &body).await;
    let made = state.db.tx(async |tx| idempotency::once(tx, key, write).await).await?;
    created(made.value).etag(1).replayed(made.replayed)
}

async fn write(
    tx: &mut Tx,
    state: &State,
    reader: &Reader,
    post: PostId,
    new: &NewComment,
) -> Result<CommentView, Problem> {
    let facts = posts::count_comment(tx, reader, post).await?;
    let id = CommentId::at(tx.now());
    let place = match new.parent_id {
        None => rules::on_top(id),
        Some(parent) => {
            let parent = queries::parent(tx, parent).await?.map(rules::Parent::from);
            rules::below(parent.as_ref(), post, id)?
        }
    };
    let new = New { id, post, author: reader.id, parent: new.parent_id, body: &new.body };
    let comment = queries::insert(tx, new, &place).await?;
    state.quotas.comment(reader.id)?;
    outbox::emit(tx, &comment.created(facts.author)).await?;
    shown(tx, id).await
}
