//! GET /auth/users/{id}.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::at;
use crate::support::{Deeds, PASSWORD, TestApp};

#[tokio::test]
async fn an_administrator_sees_all_of_an_account_but_its_secrets() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    app.logs_in("ada", PASSWORD).await.has_status(200);
    let answer = root.actor.get(&at(ada.id)).await;
    answer.has_status(200);
    insta::assert_json_snapshot!(answer.snapshot(), @r#"
    {
      "created_at": "2026-01-13T09:30:00Z",
      "deactivation": null,
      "email": "ada@example.org",
      "factors": {
        "passkeys": 0,
        "recovery_codes": 0,
        "totp": false
      },
      "full_name": "Ada Lovelace",
      "has_password": true,
      "id": "[id 1]",
      "is_active": true,
      "is_verified": true,
      "kept_out_until": null,
      "last_login_at": "2026-01-13T09:30:00Z",
      "locale": "en",
      "locked_until": null,
      "roles": [
        "user"
      ],
      "sessions": 2,
      "tier": "FREE",
      "updated_at": "2026-01-13T09:30:00Z",
      "username": "ada"
    }
    "#);
    assert!(!answer.text().contains("argon2"), "{answer:?}");
}

#[tokio::test]
async fn a_lock_is_shown_as_long_as_it_holds_and_no_longer() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    for n in 0..20 {
        let guess = app.enters("ada", "not her password").header("x-forwarded-for", &format!("198.51.{n}.1"));
        guess.await.has_status(401);
    }
    let until = |answer: testkit::Answer| answer.has_status(200).json()["locked_until"].clone();
    assert_eq!(until(root.actor.get(&at(ada.id)).await), "2026-01-13T09:45:00Z");
    app.clock.advance(SignedDuration::from_mins(15));
    assert_eq!(until(root.actor.get(&at(ada.id)).await), Value::Null);
    // What tells of it is swept later.
    assert_eq!(app.count("SELECT count(*) FROM users WHERE locked_until IS NOT NULL").await, 1);
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    let etag = root.actor.get(&at(ada.id)).await.header("etag").unwrap().to_owned();
    root.actor.get(&at(ada.id)).header("if-none-match", &etag).await.has_status(304);
    app.logs_in("ada", PASSWORD).await.has_status(200);
    let changed = root.actor.get(&at(ada.id)).header("if-none-match", &etag).await;
    assert_eq!(changed.has_status(200).json()["sessions"], json!(2));
}
