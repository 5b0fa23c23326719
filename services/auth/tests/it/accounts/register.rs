//! POST /auth/register.

use std::time::Duration;

use contracts::auth::{ContactChanged, Method, UserRegistered};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, address, together};

fn new(name: &str) -> Value {
    json!({ "email": address(name), "password": PASSWORD })
}

#[tokio::test]
async fn an_account_is_made_unproven_and_told() {
    let app = TestApp::start().await;
    let answer = app.registers("ada").await;
    answer.has_status(201);
    insta::assert_json_snapshot!(answer.snapshot(), @r#"
    {
      "user": {
        "email": "ada@example.org",
        "id": "[id 1]",
        "is_verified": false,
        "roles": [
          "user"
        ],
        "tier": "FREE",
        "username": "ada"
      }
    }
    "#);
    let id = answer.json()["user"]["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), Some(format!("/api/v1/users/{id}").as_str()));
    let registered = app.emitted_of::<UserRegistered>().await;
    assert_eq!((registered.len(), registered[0].method), (1, Method::Password));
    let contact = app.emitted_of::<ContactChanged>().await.pop().unwrap();
    assert_eq!(contact.email, "ada@example.org");
    assert_eq!((contact.username.as_deref(), contact.full_name.as_deref()), (Some("ada"), Some("Ada Lovelace")));
    assert_eq!((contact.version, contact.email_verified), (1, false));
}

#[tokio::test]
async fn a_link_for_a_day_is_mailed_and_its_secret_is_not_stored() {
    let app = TestApp::start().await;
    app.registers("ada").await;
    let mail = app.mails("ada").await.pop().unwrap();
    assert_eq!((mail.template.as_str(), mail.params["name"].as_str()), ("verify_email", "Ada Lovelace"));
    let link = &mail.params["link"];
    assert!(link.starts_with("http://127.0.0.1:8080/api/v1/auth/verify-email?token="), "{link}");
    assert_eq!(mail.expires_at, app.clock.now() + jiff::SignedDuration::from_hours(24));
    let secret = link.rsplit('=').next().unwrap();
    assert_eq!(secret.len(), 43);
    assert!(!mail.dedup_key.contains(secret));
}

#[tokio::test]
async fn an_address_that_has_an_account_gets_the_same_answer_and_its_owner_a_mail() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let (known, fresh) =
        (app.nobody().post("/auth/register", new("ada")).await, app.nobody().post("/auth/register", new("eve")).await);
    assert_eq!((known.status, fresh.status), (201, 201));
    let forget = |answer: &testkit::Answer| answer.snapshot().to_string().replace("ada@", "eve@");
    assert_eq!(forget(&known), forget(&fresh));
    assert_ne!(known.json()["user"]["id"], fresh.json()["user"]["id"]);
    let mails = app.mails("ada").await;
    assert_eq!(mails.last().unwrap().template, "account_exists");
    assert_eq!(app.told::<UserRegistered>().await, 2, "ada and eve");
    app.logs_in("ada", PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn no_answer_comes_before_its_time() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    for name in ["ada", "eve"] {
        let began = Instant::now();
        app.nobody().post("/auth/register", new(name)).await.has_status(201);
        assert!(began.elapsed() >= Duration::from_millis(250), "{name}: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn who_sends_the_same_twice_gets_the_same_and_is_mailed_again() {
    let app = TestApp::start().await;
    let (first, second) = (app.registers("ada").await, app.registers("ada").await);
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.snapshot(), second.snapshot());
    assert_eq!(app.links("ada").await.len(), 2);
    assert_eq!(app.count("SELECT count(*) FROM users").await, 1);
}

#[tokio::test]
async fn an_idempotency_key_makes_a_repeat_do_nothing() {
    let app = TestApp::start().await;
    let send = |name: &'static str| app.nobody().post("/auth/register", new(name)).header("idempotency-key", "k-1");
    let (first, second) = (send("ada").await, send("ada").await);
    assert_eq!(first.json(), second.json());
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    assert_eq!(app.mails("ada").await.len(), 1);
    send("eve").await.has_status(201);
    assert_eq!(app.mails("eve").await.len(), 1, "another address, another person's key");
}

#[tokio::test]
async fn whoever_proves_the_address_owns_the_account_with_the_password_chosen_then() {
    let app = TestApp::start().await;
    let (theirs, hers) = ("what eve has chosen", "what ada has chosen");
    let register =
        |password: &str| app.nobody().post("/auth/register", json!({ "email": address("ada"), "password": password }));
    register(theirs).await.has_status(201);
    register(hers).await.has_status(201);
    let link = app.links("ada").await.pop().unwrap();
    app.nobody().post("/auth/verify-email", json!({ "token": link })).await.has_status(200);
    app.logs_in("ada", theirs).await.is(401, "invalid_credentials");
    app.logs_in("ada", hers).await.has_status(200);
}

#[tokio::test]
async fn a_name_that_somebody_has_is_refused() {
    let app = TestApp::start().await;
    app.registers("ada").await;
    let again = json!({ "email": "eve@example.org", "password": PASSWORD, "username": "ADA" });
    app.nobody().post("/auth/register", again).await.is(409, "username_taken");
    let guessed = json!({ "email": address("ada"), "password": "not what ada chose", "username": "ada" });
    app.nobody().post("/auth/register", guessed).await.is(409, "username_taken");
}

#[tokio::test]
async fn a_race_for_one_address_makes_one_account() {
    let app = TestApp::start().await;
    let racers = (0..10).map(|_| {
        let call = app.nobody().post("/auth/register", new("ada"));
        async move { call.await.status }
    });
    assert_eq!(together(racers).await, vec![201; 10]);
    assert_eq!(app.count("SELECT count(*) FROM users").await, 1);
    assert_eq!(app.told::<UserRegistered>().await, 1);
}

#[tokio::test]
async fn a_race_for_one_name_has_one_winner() {
    let app = TestApp::start().await;
    let racers = (0..6).map(|n| {
        let body = json!({ "email": format!("racer{n}@example.org"), "password": PASSWORD, "username": "ada" });
        let call = app.nobody().post("/auth/register", body);
        async move { call.await.status }
    });
    let mut statuses = together(racers).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
}

#[tokio::test]
async fn weak_passwords_are_refused_with_a_reason() {
    let app = TestApp::start().await;
    for (password, reason) in [
        ("seven77", "too_short"),
        ("Password123", "too_common"),
        ("azertyuiop", "too_common"),
        ("ada.lovelace1", "obvious"),
        ("jolmood2026", "obvious"),
        ("sept-vaches\0bleues", "unprintable"),
    ] {
        let body = json!({ "email": "ada.lovelace@example.org", "password": password });
        app.nobody().post("/auth/register", body).await.is(422, "weak_password").names("/password", reason);
    }
    let long = "x".repeat(129);
    let body = json!({ "email": address("ada"), "password": long });
    app.nobody().post("/auth/register", body).await.is(422, "weak_password").names("/password", "too_long");
    let endless = "x".repeat(1024 * 1024);
    let body = json!({ "email": address("ada"), "password": endless });
    app.nobody().post("/auth/register", body).await.is(413, "too_large");
}

#[tokio::test]
async fn spaces_emoji_and_what_comes_after_72_bytes_all_count() {
    let app = TestApp::start().await;
    let (long, other) = (format!("{} 🐄 one", "é".repeat(40)), format!("{} 🐄 two", "é".repeat(40)));
    let body = json!({ "email": address("ada"), "password": long });
    app.nobody().post("/auth/register", body).await.has_status(201);
    let link = app.links("ada").await.pop().unwrap();
    app.nobody().post("/auth/verify-email", json!({ "token": link })).await.has_status(200);
    app.logs_in("ada", &other).await.is(401, "invalid_credentials");
    app.logs_in("ada", &long.replace('é', "e\u{301}")).await.has_status(200);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_more_can_be_set() {
    let app = TestApp::start().await;
    let wrong = json!({
        "email": "ada@", "password": PASSWORD, "username": "a b", "full_name": "\u{202e}eve", "locale": "de",
    });
    let answer = app.nobody().post("/auth/register", wrong).await;
    answer.is(422, "invalid").names("/email", "not_an_email").names("/username", "bad_username");
    answer.names("/full_name", "unprintable").names("/locale", "not_a_language");
    for more in ["role", "roles", "is_admin", "is_verified", "tier", "id", "created_at"] {
        let mut body = new("ada");
        body[more] = json!("admin");
        app.nobody().post("/auth/register", body).await.has_status(422);
    }
    assert_eq!(app.count("SELECT count(*) FROM users").await, 0);
}

#[tokio::test]
async fn addresses_and_names_have_one_spelling() {
    let app = TestApp::start().await;
    let body = json!({ "email": " Ada@EXAMPLE.org ", "password": PASSWORD, "username": "Ada_Ⅷ" });
    let answer = app.nobody().post("/auth/register", body).await;
    answer.has_status(201);
    assert_eq!(answer.json()["user"]["email"], "ada@example.org");
    assert_eq!(answer.json()["user"]["username"], "ada_viii");
    let link = app.links("ada").await.pop().unwrap();
    app.nobody().post("/auth/verify-email", json!({ "token": link })).await.has_status(200);
    let login = json!({ "email": "ADA@example.ORG", "password": PASSWORD });
    SignedIn::of(&app, &app.nobody().post("/auth/login", login).await);
}

#[tokio::test]
async fn an_address_is_not_mailed_more_often_than_allowed_but_a_new_one_always() {
    let app = TestApp::with(&[("LIMIT_MAIL", "2/h")]).await;
    for _ in 0..4 {
        app.nobody().post("/auth/register", new("ada")).await.has_status(201);
    }
    assert_eq!(app.mails("ada").await.len(), 2);
}
