//! GET /auth/erasures.

use serde_json::json;

use super::{NAME, after, deletes, look, with_services};
use crate::support::Deeds;

#[tokio::test]
async fn administrators_see_what_is_stalled() {
    let app = with_services(&[]).await;
    let zelda = app.signs_in(NAME).await;
    let stalled = deletes(&zelda).await;
    look(&app).await;
    after(&app, 24 * 60).await;
    let (grace, bob) = (app.administers("grace").await, app.signs_in("bob").await);
    deletes(&bob).await;
    let all = grace.actor.get("/auth/erasures").await;
    all.has_status(200);
    assert_eq!(all.json()["items"].as_array().unwrap().len(), 2);
    let only = grace.actor.get("/auth/erasures?state=STALLED").await.json();
    let [one] = only["items"].as_array().unwrap().as_slice() else { panic!("{only}") };
    assert_eq!((&one["id"], &one["user_id"]), (&json!(stalled.id), &json!(zelda.id)));
    assert!(one["pseudonym"].as_str().unwrap().starts_with("erased:"));
    grace.actor.get("/auth/erasures?state=LOST").await.has_status(422);
}

#[tokio::test]
async fn it_is_paged_without_gaps() {
    let app = with_services(&[]).await;
    for name in ["ann", "ben", "cat"] {
        let one = app.signs_in(name).await;
        deletes(&one).await;
    }
    let grace = app.administers("grace").await;
    let first = grace.actor.get("/auth/erasures?limit=2").await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = grace.actor.get(&format!("/auth/erasures?limit=2&cursor={cursor}")).await.json();
    assert_eq!((first["items"].as_array().unwrap().len(), second["items"].as_array().unwrap().len()), (2, 1));
}
