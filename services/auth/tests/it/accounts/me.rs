//! GET /auth/me.

use contracts::Event;
use contracts::users::ProfileUpdated;

use crate::support::{Deeds, TestApp};

#[tokio::test]
async fn an_owner_sees_the_account_with_its_profile() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let answer = ada.actor.get("/auth/me").await;
    answer.has_status(200);
    insta::assert_json_snapshot!(answer.snapshot(), @r#"
    {
      "created_at": "2026-01-13T09:30:00Z",
      "email": "ada@example.org",
      "full_name": "Ada Lovelace",
      "id": "[id 1]",
      "is_active": true,
      "is_admin": false,
      "is_superuser": false,
      "is_verified": true,
      "preferences": {
        "day_start_hour": 0,
        "language": "en",
        "notifications": {
          "email": true,
          "push": true,
          "ws": true
        },
        "timezone": "Europe/Paris"
      },
      "profile_picture_url": null,
      "roles": [
        "user"
      ],
      "tier": "FREE",
      "updated_at": "2026-01-13T09:30:00Z",
      "username": "ada"
    }
    "#);
}

#[tokio::test]
async fn its_version_changes_with_the_profile_too() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let first = ada.actor.get("/auth/me").await;
    let etag = first.header("etag").unwrap();
    ada.actor.get("/auth/me").header("if-none-match", etag).await.has_status(304);
    let profile = ProfileUpdated {
        user_id: ada.id,
        profile_picture_url: Some("https://pictures.example.org/ada.png".into()),
        ..ProfileUpdated::sample()
    };
    app.deliver(&profile).await.unwrap();
    let second = ada.actor.get("/auth/me").header("if-none-match", etag).await;
    second.has_status(200);
    assert_eq!(second.json()["profile_picture_url"], "https://pictures.example.org/ada.png");
    assert_ne!(second.header("etag"), Some(etag));
}

#[tokio::test]
async fn nobody_and_a_strange_token_are_sent_to_sign_in() {
    let app = TestApp::start().await;
    let nobody = app.nobody().get("/auth/me").await;
    nobody.is(401, "unauthenticated");
    assert_eq!(nobody.header("www-authenticate"), Some("Bearer"));
    assert_eq!(nobody.json()["login_url"], "/api/v1/auth/login");
    let ada = app.signs_in("ada").await;
    let forged = app.actor("eve", ada.id, format!("{}x", ada.access));
    forged.get("/auth/me").await.is(401, "unauthenticated");
}

#[tokio::test]
async fn a_refresh_token_is_not_an_access_token() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.actor("ada", ada.id, ada.refresh.clone()).get("/auth/me").await.is(401, "unauthenticated");
}
