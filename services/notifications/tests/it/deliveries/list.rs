//! GET /notifications/deliveries.

use jiff::SignedDuration;

use crate::support::mail_server::Mood;
use crate::support::{TestApp, send_due, wish, with_server};

#[tokio::test]
async fn an_administrator_sees_what_became_of_mails_and_no_address() {
    let (app, server) = with_server().await;
    app.deliver(&wish(&app, "verify_email", "verify:1")).await.unwrap();
    server.is(Mood::Later);
    send_due(&app).await;
    let answer = app.admin("root").await.get("/notifications/deliveries").await;
    insta::assert_json_snapshot!(answer.has_status(200).snapshot()["items"][0], @r#"
    {
      "attempts": 1,
      "created_at": "2026-01-13T09:30:00Z",
      "ended_at": null,
      "expires_at": "2026-01-14T09:30:00Z",
      "id": "[id 1]",
      "last_error": "the mail server answered 451",
      "next_at": "2026-01-13T09:31:00Z",
      "request_id": null,
      "state": "queued",
      "template": "verify_email",
      "to": "a***@example.org",
      "user_id": null
    }
    "#);
    assert!(!answer.text().contains("ada@") && !answer.text().contains("s3cr3t"), "{answer:?}");
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    let app = TestApp::start().await;
    for n in 0..5 {
        app.deliver(&wish(&app, "verify_email", &format!("verify:{n}"))).await.unwrap();
        // Two and two in one moment, so that the id has to decide.
        app.clock.advance(SignedDuration::from_millis(n % 2));
    }
    let root = app.admin("root").await;
    let (mut seen, mut path) = (Vec::new(), "/notifications/deliveries?limit=2".to_owned());
    loop {
        let page = root.get(&path).await.has_status(200).json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/notifications/deliveries?limit=2&cursor={cursor}");
    }
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    assert_eq!((seen.len(), once.len()), (5, 5), "{seen:?}");
}

#[tokio::test]
async fn a_state_can_be_asked_for_and_a_cursor_is_for_one_list() {
    let app = TestApp::start().await;
    for n in 0..3 {
        app.deliver(&wish(&app, "verify_email", &format!("verify:{n}"))).await.unwrap();
    }
    let root = app.admin("root").await;
    let count = |answer: serde_json::Value| answer["items"].as_array().unwrap().len();
    assert_eq!(count(root.get("/notifications/deliveries?state=queued").await.json()), 3);
    assert_eq!(count(root.get("/notifications/deliveries?state=sent").await.json()), 0);
    root.get("/notifications/deliveries?state=lost").await.is(422, "invalid");
    let page = root.get("/notifications/deliveries?state=queued&limit=1").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    root.get(&format!("/notifications/deliveries?state=queued&cursor={cursor}")).await.has_status(200);
    root.get(&format!("/notifications/deliveries?cursor={cursor}")).await.is(400, "bad_cursor");
    root.get("/notifications/deliveries?cursor=made.up").await.is(400, "bad_cursor");
    root.get("/notifications/deliveries?limit=1000").await.is(422, "invalid");
}
