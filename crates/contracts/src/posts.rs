//! What posts tells: posts, comments and likes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::sample;
use crate::event::event;
use crate::{CommentId, PostId, UserId};

/// Who may read a post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody who is signed in.
    #[default]
    Public,
    /// Those who follow the author.
    Followers,
    /// Coaches.
    Coaches,
}

event! {
    /// A post was written.
    "posts.post.created.v1", Journaled, PostCreated { post_id } {
        /// The post.
        pub post_id: PostId,
        /// Who wrote it.
        pub author_id: UserId,
        /// Who may read it.
        pub visibility: Visibility,
        /// Its pictures and documents in media.
        pub media_ids: Vec<Uuid>,
    } = { post_id: post(), author_id: sample::user(), visibility: Visibility::Public, media_ids: vec![] }

    /// A post was edited.
    "posts.post.updated.v1", Journaled, PostUpdated { post_id } {
        /// The post.
        pub post_id: PostId,
        /// Who wrote it.
        pub author_id: UserId,
        /// Who may read it.
        pub visibility: Visibility,
        /// Its pictures and documents in media.
        pub media_ids: Vec<Uuid>,
    } = { post_id: post(), author_id: sample::user(), visibility: Visibility::Public, media_ids: vec![] }

    /// A post was deleted.
    "posts.post.deleted.v1", Journaled, PostDeleted { post_id } {
        /// The post.
        pub post_id: PostId,
        /// Who wrote it.
        pub author_id: UserId,
        /// The pictures and documents that it had.
        pub media_ids: Vec<Uuid>,
    } = { post_id: post(), author_id: sample::user(), media_ids: vec![] }

    /// A comment was written.
    "posts.comment.created.v1", Journaled, CommentCreated { post_id } {
        /// The comment.
        pub comment_id: CommentId,
        /// The post it is on.
        pub post_id: PostId,
        /// Who wrote the post.
        pub post_author_id: UserId,
        /// Who wrote the comment.
        pub author_id: UserId,
        /// The comment that it answers.
        pub parent_id: Option<CommentId>,
    } = {
        comment_id: CommentId(Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0004)), post_id: post(),
        post_author_id: sample::user(), author_id: sample::user(), parent_id: None,
    }

    /// Somebody liked a post, or no longer does.
    "posts.like.changed.v1", Journaled, LikeChanged { post_id } {
        /// The post.
        pub post_id: PostId,
        /// Who wrote the post.
        pub post_author_id: UserId,
        /// Who liked it.
        pub user_id: UserId,
        /// Whether it is liked now.
        pub liked: bool,
    } = { post_id: post(), post_author_id: sample::user(), user_id: sample::user(), liked: true }
}

fn post() -> PostId {
    PostId(Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0003))
}
