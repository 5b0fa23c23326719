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

#[tokio::test]
async fn the_place_is_that_of_the_last_refresh_and_where_it_was_opened_stays_known() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.clock.advance(SignedDuration::from_mins(5));
    let body = json!({ "refresh_token": ada.refresh });
    let moved = app.nobody().post("/auth/refresh", body).header("x-forwarded-for", "203.0.113.77").await;
    let ada = SignedIn::of(&app, &moved);
    let item = ada.actor.get("/auth/sessions").await.json()["items"][0].clone();
    assert_eq!((&item["ip_prefix"], &item["last_seen"]), (&json!("203.0.113.0/24"), &json!("2026-01-13T09:35:00Z")));
    // Whoever took the refresh token there does not make that network one of the owner's.
    let mails = app.mails("ada").await.len();
    let entered = app.enters("ada", PASSWORD).header("x-forwarded-for", "203.0.113.77").await;
    entered.has_status(200);
    let told = app.mails("ada").await;
    assert_eq!((told.len(), told.last().unwrap().template.as_str()), (mails + 1, "new_device"));
    app.logs_in("ada", PASSWORD).await.has_status(200);
    assert_eq!(app.mails("ada").await.len(), mails + 1, "home is home");
}
