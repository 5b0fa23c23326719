//! Every operation by nobody, a stranger, its owner, a coach and an administrator.

use serde_json::json;
use testkit::{Access, Actor, Given};

use crate::support::{Deeds, Posts, TestApp};

async fn a_post(app: TestApp, owner: Actor) -> Given {
    Given::nothing().path("id", owner.has_post(&app, "Hello").await.id)
}

async fn a_post_for_coaches(app: TestApp, owner: Actor) -> Given {
    Given::nothing().path("id", owner.has_post_for(&app, "coaches").await.id)
}

async fn a_comment(app: TestApp, owner: Actor) -> Given {
    let post = owner.has_post(&app, "Hello").await;
    Given::nothing().path("id", owner.has_comment(&post, None).await)
}

#[tokio::test]
async fn everybody_may_do_what_the_table_says() {
    let app = TestApp::start().await;
    let text = || json!({ "body": "Hello again" });
    Access::of(&app)
        .await
        .row_given("create_post", [401, 201, 201, 201, 201], move |_, _| async move { Given::nothing().body(text()) })
        .row("list_posts", [401, 200, 200, 200, 200])
        .row_given("get_post", [401, 200, 200, 200, 200], a_post)
        .row_given("update_post", [401, 403, 200, 403, 200], move |app, owner| async move {
            a_post(app, owner).await.body(text())
        })
        .row_given("delete_post", [401, 403, 204, 403, 204], a_post)
        .row_given("list_post_revisions", [401, 403, 200, 403, 200], a_post)
        .row_given("like_post", [401, 404, 204, 204, 204], a_post_for_coaches)
        .row_given("like_post_by_post", [401, 404, 204, 204, 204], a_post_for_coaches)
        .row_given("unlike_post", [401, 404, 204, 204, 204], a_post_for_coaches)
        .row_given("list_likes", [401, 404, 200, 200, 200], a_post_for_coaches)
        .row_given("create_comment", [401, 404, 201, 201, 201], move |app, owner| async move {
            a_post_for_coaches(app, owner).await.body(text())
        })
        .row_given("list_comments", [401, 404, 200, 200, 200], a_post_for_coaches)
        .row_given("update_comment", [401, 403, 200, 403, 200], move |app, owner| async move {
            a_comment(app, owner).await.body(text())
        })
        .row_given("delete_comment", [401, 403, 204, 403, 204], a_comment)
        .check()
        .await;
}

#[test]
fn the_document_is_kept() {
    testkit::check_document::<Posts>();
}
