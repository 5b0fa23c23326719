//! What this service's tests say in one line.

use contracts::{CommentId, PostId};
use diesel_migrations::EmbeddedMigrations;
use outbox::Subscriptions;
use serde_json::json;
use server::Definition;
use testkit::{Actor, Mark, Subject};

/// The service under test.
pub struct Posts;

/// The service, served.
pub type TestApp = testkit::TestApp<Posts>;

impl Subject for Posts {
    type State = posts::state::State;
    const FOLDER: &'static str = env!("CARGO_MANIFEST_DIR");

    fn definition() -> Definition {
        posts::service()
    }

    fn migrations() -> EmbeddedMigrations {
        posts::MIGRATIONS
    }

    fn subscriptions() -> Subscriptions<Self::State> {
        posts::events::subscriptions()
    }

    fn variables() -> Vec<(&'static str, String)> {
        ["LIMIT_POSTS", "LIMIT_COMMENTS", "LIMIT_LIKES"].map(|limit| (limit, "1000/h".to_owned())).to_vec()
    }
}

/// A post that somebody wrote, and the moment after.
pub struct Post {
    pub id: PostId,
    after: Mark,
}

impl Post {
    /// Its address, or one below it.
    pub fn url(&self, below: &str) -> String {
        format!("/posts/{}{below}", self.id)
    }
}

impl AsRef<Mark> for Post {
    fn as_ref(&self) -> &Mark {
        &self.after
    }
}

/// What people have done before a test begins.
pub trait Deeds {
    /// Wrote a post for everybody.
    async fn has_post(&self, app: &TestApp, body: &str) -> Post;
    /// Wrote a post for these.
    async fn has_post_for(&self, app: &TestApp, visibility: &str) -> Post;
    /// Likes a post.
    async fn likes(&self, post: &Post);
    /// Commented a post, or answered a comment on it.
    async fn has_comment(&self, post: &Post, parent: Option<CommentId>) -> CommentId;
}

impl Deeds for Actor {
    async fn has_post(&self, app: &TestApp, body: &str) -> Post {
        let answer = self.post("/posts", json!({ "body": body })).await;
        answer.has_status(201);
        Post { id: answer.id(), after: app.mark().await }
    }

    async fn has_post_for(&self, app: &TestApp, visibility: &str) -> Post {
        let answer = self.post("/posts", json!({ "body": "Hello", "visibility": visibility })).await;
        answer.has_status(201);
        Post { id: answer.id(), after: app.mark().await }
    }

    async fn likes(&self, post: &Post) {
        self.put(&post.url("/like"), json!(null)).await.has_status(204);
    }

    async fn has_comment(&self, post: &Post, parent: Option<CommentId>) -> CommentId {
        let answer = self.post(&post.url("/comments"), json!({ "body": "Hi", "parent_id": parent })).await;
        answer.has_status(201);
        answer.id()
    }
}

/// Changes rows behind the service's back.
pub async fn execute(app: &TestApp, statement: &str) {
    use diesel_async::SimpleAsyncConnection;
    app.db().conn().await.unwrap().batch_execute(statement).await.unwrap();
}

/// Moderation, which comes later, hides a post.
pub async fn hide(app: &TestApp, post: &Post) {
    execute(app, &format!("UPDATE posts SET hidden_at = now() WHERE id = '{}'", post.id)).await;
}
