//! GET /auth/sessions.

use jiff::SignedDuration;
use serde_json::json;

use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, address};

#[tokio::test]
async fn an_owner_sees_where_the_account_is_signed_in() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.clock.advance(SignedDuration::from_mins(1));
    let body = json!({ "email": address("ada"), "password": PASSWORD });
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let from_elsewhere =
        app.nobody().post("/auth/login", body).header("user-agent", firefox).header("x-forwarded-for", "203.0.113.77");
    SignedIn::of(&app, &from_elsewhere.await);
    app.signs_in("bob").await;
    let answer = ada.actor.get("/auth/sessions").await;
    answer.has_status(200);
    insta::assert_json_snapshot!(answer.snapshot(), @r#"
    {
      "items": [
        {
          "created": "2026-01-13T09:31:00Z",
          "current": false,
          "device": "Firefox, Linux",
          "id": "[id 1]",
          "ip_prefix": "203.0.113.0/24",
          "last_seen": "2026-01-13T09:31:00Z"
        },
        {
          "created": "2026-01-13T09:30:00Z",
          "current": true,
          "device": "unknown",
          "id": "[id 2]",
          "ip_prefix": "127.0.0.0/24",
          "last_seen": "2026-01-13T09:30:00Z"
        }
      ],
      "next_cursor": null
    }
    "#);
}

#[tokio::test]
async fn what_is_over_is_not_shown() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let other = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    other.actor.call(reqwest::Method::POST, "/auth/logout").await.has_status(204);
    let items = ada.actor.get("/auth/sessions").await.json()["items"].clone();
    assert_eq!(items.as_array().unwrap().len(), 1);
    assert_eq!(items[0]["id"], ada.claims()["sid"]);
}
