//! PUT /comments/{id}: write it anew.

use contracts::CommentId;
use db::Tx;
use garde::Validate;
use problem::Problem;
use serde::Deserialize;
use server::{Answer, AnswerExt, Caller, Data, IfMatch, Json, Path, answer, put};
use utoipa::ToSchema;

use super::view::CommentView;
use super::{changeable, queries, shown};
use crate::codes;
use crate::posts::rules::{Reader, text};
use crate::state::State;

/// A comment written anew.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "body": "Bravo, continue ainsi !" }))]
pub struct CommentEdit {
    /// What it says.
    #[garde(length(chars, min = 1, max = 2_000))]
    #[schema(min_length = 1, max_length = 2_000)]
    pub body: String,
}

/// Writes a comment anew.
#[utoipa::path(tag = "comments", operation_id = "update_comment", params(
    ("If-Match" = Option<String>, Header, description = "The ETag it was read with.")))]
#[put("/comments/{id}")]
pub async fn update(
    state: Data<State>,
    who: Caller,
    id: Path<CommentId>,
    expected: IfMatch,
    body: Json<CommentEdit>,
) -> Answer<CommentView> {
    text("/body", &body.body).map_err(|fault| codes::faults(vec![fault]))?;
    let write = async |tx: &mut Tx| -> Result<CommentView, Problem> {
        let before = changeable(tx, &Reader::from(&who), *id).await?;
        expected.allows(before.version)?;
        if body.body != before.body {
            queries::edit(tx, *id, &body.body).await?;
        }
        shown(tx, *id).await
    };
    let comment = state.db.tx(write).await?;
    let version = comment.version;
    answer(comment).etag(version)
}
