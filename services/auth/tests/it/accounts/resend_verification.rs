//! POST /auth/resend-verification.

use serde_json::json;

use crate::support::{Deeds, TestApp, address};

#[tokio::test]
async fn everybody_gets_the_same_answer_and_only_who_waits_for_it_a_link() {
    let app = TestApp::start().await;
    app.registers("ada").await;
    app.has_account("bob").await;
    let before = app.mails("bob").await.len();
    for name in ["ada", "bob", "eve"] {
        let answer = app.nobody().post("/auth/resend-verification", json!({ "email": address(name) })).await;
        answer.has_status(202);
        assert_eq!(answer.json(), json!({ "accepted": true }));
    }
    assert_eq!(app.links("ada").await.len(), 2);
    assert_eq!((app.mails("bob").await.len(), app.mails("eve").await.len()), (before, 0));
}

#[tokio::test]
async fn both_links_work_until_one_is_used() {
    let app = TestApp::start().await;
    app.registers("ada").await;
    app.nobody().post("/auth/resend-verification", json!({ "email": address("ada") })).await.has_status(202);
    let first = app.links("ada").await.remove(0);
    app.nobody().post("/auth/verify-email", json!({ "token": first })).await.has_status(200);
}

#[tokio::test]
async fn an_address_is_not_mailed_more_often_than_allowed_whether_it_exists_or_not() {
    let app = TestApp::with(&[("LIMIT_MAIL", "3/h")]).await;
    for name in ["ada", "eve"] {
        for _ in 0..3 {
            app.nobody().post("/auth/resend-verification", json!({ "email": address(name) })).await.has_status(202);
        }
        let refused = app.nobody().post("/auth/resend-verification", json!({ "email": address(name) })).await;
        refused.is(429, "quota_exceeded");
        assert_eq!(refused.header("ratelimit-policy"), Some("\"mail\";q=3;w=3600"));
    }
}

#[tokio::test]
async fn what_is_no_address_is_refused() {
    let app = TestApp::start().await;
    let answer = app.nobody().post("/auth/resend-verification", json!({ "email": "ada" })).await;
    answer.is(422, "invalid").names("/email", "not_an_email");
}
