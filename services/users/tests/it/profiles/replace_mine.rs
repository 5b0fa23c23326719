//! PUT /users/me.

use contracts::UserId;
use contracts::users::ProfileUpdated;
use serde_json::json;

use crate::support::auth::Auth;
use crate::support::{TestApp, contact, told};

#[tokio::test]
async fn what_is_left_out_is_emptied_but_the_username() {
    let (app, ada, _) = TestApp::with_two_users().await;
    app.deliver(&contact(ada.id, "ada")).await.unwrap();
    let first = json!({ "full_name": "Ada", "bio": "Machines", "preferences": { "theme": "dark", "language": "en" } });
    ada.put("/users/me", first).await.has_status(200);
    let answer = ada.put("/users/me", json!({ "bio": "Notes" })).await;
    let profile = answer.has_status(200).json();
    assert_eq!(profile["username"], "ada");
    assert_eq!(profile["bio"], "Notes");
    assert_eq!(profile["full_name"], json!(null));
    assert_eq!(profile["preferences"]["language"], "fr", "the default, since none is chosen");
    assert_eq!(profile["preferences"].get("theme"), None);
    assert_eq!(answer.header("etag"), Some("\"4\""));
}

#[tokio::test]
async fn the_new_profile_is_told_in_the_same_breath() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let preferences = json!({
        "language": "en", "timezone": "America/Toronto", "day_start_hour": 4,
        "notifications": { "email": false }, "secret_of_an_application": 1,
    });
    let body = json!({
        "full_name": "Ada", "bio": "Machines", "profile_picture_url": "https://pictures.example.org/ada.png",
        "avatar_media_id": null, "preferences": preferences,
    });
    ada.put("/users/me", body).await.has_status(200);
    let told = told(&app).await;
    let told = told.last().unwrap();
    assert_eq!(told.user_id, ada.id);
    insta::assert_json_snapshot!(ProfileUpdated { user_id: UserId(Default::default()), ..told.clone() }, @r#"
    {
      "user_id": "00000000-0000-0000-0000-000000000000",
      "username": null,
      "full_name": "Ada",
      "profile_picture_url": "https://pictures.example.org/ada.png",
      "avatar_media_id": null,
      "preferences": {
        "language": "en",
        "timezone": "America/Toronto",
        "day_start_hour": 4,
        "notifications": {
          "email": false,
          "push": true,
          "ws": true
        }
      },
      "version": 2
    }
    "#);
}

#[tokio::test]
async fn the_same_again_changes_nothing() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let body = json!({ "full_name": "Ada", "preferences": { "language": "en" } });
    let first = ada.put("/users/me", &body).await.has_status(200).json();
    let mark = app.mark().await;
    assert_eq!(ada.put("/users/me", &body).await.has_status(200).json(), first);
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn nobody_gives_himself_what_is_not_his_to_give() {
    let (app, ada, _) = TestApp::with_two_users().await;
    ada.get("/users/me").await.has_status(200);
    let mark = app.mark().await;
    let not_his = [
        "id",
        "user_id",
        "role",
        "roles",
        "is_admin",
        "is_superuser",
        "tier",
        "email",
        "email_verified",
        "version",
        "created_at",
        "updated_at",
        "contact_version",
        "username_at",
        "edited_at",
        "timezone_changed_at",
    ];
    for field in not_his {
        let answer = ada.put("/users/me", json!({ "bio": "Mine", field: "admin" })).await;
        answer.is(422, "invalid").names(&format!("/{field}"), "unknown_field");
    }
    app.emitted_nothing_since(mark).await;
    assert_eq!(ada.get("/users/me").await.json()["bio"], json!(null));
}

#[tokio::test]
async fn a_stale_version_is_refused_and_a_current_one_is_not() {
    let (_app, ada, _) = TestApp::with_two_users().await;
    let etag = ada.get("/users/me").await.header("etag").unwrap().to_owned();
    let put = |bio: &str, tag: &str| ada.put("/users/me", json!({ "bio": bio })).header("if-match", tag);
    put("First", &etag).await.has_status(200);
    put("Second", &etag).await.is(412, "stale");
    put("Weak", "W/\"2\"").await.is(412, "stale");
    assert_eq!(ada.get("/users/me").await.json()["bio"], "First");
    put("Third", "\"2\"").await.has_status(200);
    put("Any", "*").await.has_status(200);
}

#[tokio::test]
async fn a_username_is_claimed_at_auth_and_then_written() {
    let (auth, url) = Auth::start().await;
    let app = TestApp::with(&[("AUTH_URL", &url)]).await;
    let ada = app.user("ada").await;
    let profile = ada.put("/users/me", json!({ "username": "Countess" })).await.has_status(200).json();
    assert_eq!(profile["username"], "countess");
    assert_eq!(auth.asked(), ["countess"]);
    assert_eq!(told(&app).await.last().unwrap().username.as_deref(), Some("countess"));
}

#[tokio::test]
async fn malformed_bodies_are_refused_each_in_its_way() {
    let (_app, ada, _) = TestApp::with_two_users().await;
    let put = |bytes: &str| ada.call("PUT".parse().unwrap(), "/users/me").bytes("application/json", bytes.into());
    put("{").await.is(400, "malformed_json");
    put("[]").await.is(422, "invalid");
    put(r#"{"bio":1}"#).await.is(422, "invalid").names("/bio", "wrong_type");
    put(r#"{"bio":"\ud800"}"#).await.is(400, "malformed_json");
    put(r#"{"preferences":{"a":"\u0000"}}"#).await.is(422, "invalid").names("/preferences", "unprintable");
    put(r#"{"preferences":{"big":1e300,"half":-0.5,"list":[1,{"a":null}]}}"#).await.has_status(200);
    put(&format!(r#"{{"bio":"{}"}}"#, "x".repeat(70_000))).await.is(413, "too_large");
    ada.call("PUT".parse().unwrap(), "/users/me")
        .bytes("text/plain", b"{}".to_vec())
        .await
        .is(415, "unsupported_media_type");
}
