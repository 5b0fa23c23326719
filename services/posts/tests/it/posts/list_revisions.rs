use jiff::SignedDuration;
use serde_json::json;

use crate::support::{Deeds, TestApp};

#[tokio::test]
async fn stranger_cannot_see_what_a_post_said_before() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hello").await;
    bob.get(&post.url("/revisions")).await.is(403, "forbidden");
}

#[tokio::test]
async fn each_edit_keeps_what_was_before_it() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "One").await;
    for body in ["Two", "Three"] {
        app.clock.advance(SignedDuration::from_mins(1));
        ada.put(&post.url(""), json!({ "body": body })).await.has_status(200);
    }
    let page = ada.get(&post.url("/revisions?limit=1")).await;
    insta::assert_json_snapshot!(page.snapshot(), @r###"
{
  "items": [
    {
      "body": "Two",
      "tags": [],
      "version": 2,
      "visibility": "public",
      "written_at": "2026-01-13T09:31:00Z"
    }
  ],
  "next_cursor": "[next_cursor]"
}
"###);
    let cursor = page.json()["next_cursor"].as_str().unwrap().to_owned();
    let last = ada.get(&post.url(&format!("/revisions?limit=1&cursor={cursor}"))).await.json();
    assert_eq!((&last["items"][0]["body"], &last["next_cursor"]), (&json!("One"), &json!(null)));
}
