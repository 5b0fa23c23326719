//! POST /auth/login.

use std::time::{Duration, Instant};

use contracts::auth::{UserLoggedIn, UserLoginFailed};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Answer, Call};

use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, address, together};

/// `PASSWORD` as another system kept it (made by libxcrypt).
const BCRYPT: &str = "$2b$12$abcdefghijklmnopqrstuu2tSmEObfNEXdxiyqmhe8GNPgR//hkNC";

fn form(app: &TestApp, pairs: &[(&str, &str)]) -> Call {
    app.nobody().call(reqwest::Method::POST, "/auth/login").form(pairs)
}

#[tokio::test]
async fn both_tokens_and_the_account_are_answered() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let answer = app.logs_in("ada", PASSWORD).await;
    answer.has_status(200);
    let mut json = answer.snapshot();
    assert_eq!(json["user"]["email"], "ada@example.org");
    json["user"] = Value::Null;
    insta::assert_json_snapshot!(json, @r#"
    {
      "access_token": "[access_token]",
      "expires_in": 1800,
      "refresh_expires_in": 604800,
      "refresh_token": "[refresh_token]",
      "token_type": "bearer",
      "user": null
    }
    "#);
    let ada = SignedIn::of(&app, &answer);
    assert_eq!(ada.actor.get("/auth/me").await.json(), answer.json()["user"]);
}

#[tokio::test]
async fn the_token_says_all_that_a_verifier_needs() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let (header, claims) = (ada.header(), ada.claims());
    assert_eq!((&header["alg"], &header["typ"]), (&json!("ES256"), &json!("at+jwt")));
    assert_eq!(header["kid"], app.state().keyring.published().keys[0].kid);
    let at = app.clock.now().as_second();
    for (name, value) in [
        ("iss", json!("http://auth.test")),
        ("sub", json!(ada.id)),
        ("aud", json!(["fleet"])),
        ("iat", json!(at)),
        ("exp", json!(at + 1800)),
        ("auth_time", json!(at)),
        ("roles", json!(["user"])),
        ("tier", json!("FREE")),
        ("email_verified", json!(true)),
        ("amr", json!(["pwd"])),
        ("type", json!("access")),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    for name in ["jti", "sid", "client_id", "scope"] {
        assert!(claims[name].is_string(), "{name}");
    }
}

#[tokio::test]
async fn no_refusal_comes_before_its_time() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    for name in ["ada", "eve"] {
        for status in [401, 401, 401, 401, 401, 429] {
            let began = Instant::now();
            app.logs_in(name, "sept-vaches-rouges").await.has_status(status);
            assert!(began.elapsed() >= Duration::from_millis(250), "{name}, {status}: {:?}", began.elapsed());
        }
    }
}

#[tokio::test]
async fn tokens_are_signed_as_configured() {
    let app = TestApp::with(&[("AUTH_SIGNING_ALG", "EdDSA")]).await;
    let ada = app.signs_in("ada").await;
    assert_eq!(ada.header()["alg"], "EdDSA");
    ada.actor.get("/auth/me").await.has_status(200);
}

#[tokio::test]
async fn a_name_does_as_well_as_an_address_and_a_form_as_well_as_json() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let by_name = json!({ "username": "ADA", "password": PASSWORD });
    app.nobody().post("/auth/login", by_name).await.has_status(200);
    let by_address = json!({ "username": "ada@example.org", "password": PASSWORD });
    app.nobody().post("/auth/login", by_address).await.has_status(200);
    form(&app, &[("username", "ada"), ("password", PASSWORD)]).await.has_status(200);
    let swagger = [
        ("grant_type", "password"),
        ("username", "ada@example.org"),
        ("password", PASSWORD),
        ("scope", ""),
        ("client_id", ""),
        ("client_secret", ""),
    ];
    form(&app, &swagger).await.has_status(200);
    form(&app, &[("grant_type", "client_credentials"), ("username", "ada"), ("password", PASSWORD)])
        .await
        .has_status(422);
}

#[tokio::test]
async fn nobody_learns_whether_an_account_exists() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    app.execute(
        "INSERT INTO users SELECT gen_random_uuid(), 'no-password@example.org', NULL, NULL, locale, roles, tier,
        true, true, 0, NULL, NULL, NULL, 1, 1, created_at, updated_at FROM users",
    )
    .await;
    let wrong = app.logs_in("ada", "not her password").await;
    wrong.is(401, "invalid_credentials");
    assert_eq!(wrong.header("www-authenticate"), Some("Bearer"));
    for name in ["eve", "no-password"] {
        let unknown = app.logs_in(name, "not her password").await;
        assert_eq!(said(&unknown), said(&wrong), "{name}");
    }
    let empty = json!({ "email": "", "password": "x" });
    app.nobody().post("/auth/login", empty).await.has_status(422);
    let strange = json!({ "email": "x".repeat(10_000), "password": "not her password" });
    assert_eq!(said(&app.nobody().post("/auth/login", strange).await), said(&wrong));
}

/// All but what names the one request.
fn said(answer: &Answer) -> (u16, Value, Option<&str>) {
    (answer.status, answer.snapshot(), answer.header("www-authenticate"))
}

#[tokio::test]
async fn an_unproven_address_shows_only_to_who_knows_the_password() {
    let app = TestApp::start().await;
    app.registers("ada").await;
    app.logs_in("ada", "not her password").await.is(401, "invalid_credentials");
    app.logs_in("ada", PASSWORD).await.is(403, "email_not_verified");
    assert_eq!(app.count("SELECT count(*) FROM sessions").await, 0);
}

#[tokio::test]
async fn an_unproven_address_may_be_let_in_by_configuration() {
    let app = TestApp::with(&[("AUTH_REQUIRE_VERIFIED_EMAIL", "false")]).await;
    app.registers("ada").await;
    let ada = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    assert_eq!(ada.claims()["email_verified"], false);
}

#[tokio::test]
async fn a_closed_account_shows_only_to_who_knows_the_password() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    app.execute("UPDATE users SET is_active = false").await;
    app.logs_in("ada", "not her password").await.is(401, "invalid_credentials");
    app.logs_in("ada", PASSWORD).await.is(403, "account_disabled");
}

#[tokio::test]
async fn a_password_of_another_system_is_accepted_and_hashed_anew() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    app.execute(&format!("UPDATE users SET password_hash = '{BCRYPT}'")).await;
    app.logs_in("ada", "not her password").await.is(401, "invalid_credentials");
    assert_eq!(app.count("SELECT count(*) FROM users WHERE password_hash LIKE '$2b$%'").await, 1);
    app.logs_in("ada", PASSWORD).await.has_status(200);
    let ours = "SELECT count(*) FROM users WHERE password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'";
    assert_eq!(app.count(ours).await, 1);
    app.logs_in("ada", PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn bcrypt_is_kept_where_it_is_wished_for() {
    let app = TestApp::with(&[("AUTH_PASSWORD_SCHEME", "bcrypt")]).await;
    app.has_account("ada").await;
    app.logs_in("ada", PASSWORD).await.has_status(200);
    assert_eq!(app.count("SELECT count(*) FROM users WHERE password_hash LIKE '$2b$12$%'").await, 1);
    let long = json!({ "email": address("eve"), "password": "x".repeat(73) });
    app.nobody().post("/auth/register", long).await.is(422, "weak_password").names("/password", "too_long");
}

#[tokio::test]
async fn a_stored_hash_that_would_cost_too_much_is_never_computed() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    for bomb in [
        "$argon2id$v=19$m=8388608,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=19456,t=1000,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$2b$20$abcdefghijklmnopqrstuu2tSmEObfNEXdxiyqmhe8GNPgR//hkNC",
        "plain text",
    ] {
        app.execute(&format!("UPDATE users SET password_hash = '{bomb}'")).await;
        let began = tokio::time::Instant::now();
        app.logs_in("ada", PASSWORD).await.is(401, "invalid_credentials");
        assert!(began.elapsed() < std::time::Duration::from_secs(2), "{bomb}");
    }
}

#[tokio::test]
async fn the_sixth_try_in_a_minute_is_refused_whether_the_account_exists_or_not() {
    let app = TestApp::with(&[("LIMIT_LOGIN", "5/min")]).await;
    app.has_account("ada").await;
    for name in ["ada", "eve"] {
        for _ in 0..5 {
            app.logs_in(name, "not her password").await.is(401, "invalid_credentials");
        }
        let refused = app.logs_in(name, PASSWORD).await;
        refused.is(429, "quota_exceeded");
        assert!(refused.header("retry-after").is_some());
    }
    app.clock.advance(SignedDuration::from_secs(60));
    app.logs_in("ada", PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn another_address_of_the_network_has_tries_of_its_own() {
    let app = TestApp::with(&[("LIMIT_LOGIN", "1/min")]).await;
    app.has_account("ada").await;
    let from = |ip: &'static str| {
        let body = json!({ "email": address("ada"), "password": PASSWORD });
        app.nobody().post("/auth/login", body).header("x-forwarded-for", ip)
    };
    from("203.0.113.9").await.has_status(200);
    from("203.0.113.9").await.is(429, "quota_exceeded");
    from("198.51.100.7").await.has_status(200);
}

#[tokio::test]
async fn all_ipv6_addresses_of_one_subscriber_have_the_same_tries() {
    let app = TestApp::with(&[("LIMIT_LOGIN", "2/min")]).await;
    app.has_account("ada").await;
    let from = |ip: &'static str| app.enters("ada", PASSWORD).header("x-forwarded-for", ip);
    from("2001:db8:1:2::1").await.has_status(200);
    from("2001:db8:1:2::2").await.has_status(200);
    from("2001:db8:1:2:ffff::3").await.is(429, "quota_exceeded");
    from("2001:db8:1:3::1").await.has_status(200);
}

#[tokio::test]
async fn more_logins_than_fit_are_told_to_come_back_and_the_rest_are_done() {
    let app = TestApp::with(&[("AUTH_HASH_PERMITS", "1")]).await;
    app.has_account("ada").await;
    // Each from a network of its own: of one network only so many are under way at once, lest they be guesses.
    let from = |n: i32| {
        let call = app.enters("ada", PASSWORD).header("x-forwarded-for", &format!("10.0.{n}.1"));
        async move { call.await }
    };
    let answers = together((0..40).map(from)).await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert!(!done.is_empty(), "{answers:?}");
    for answer in &refused {
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{answer:?}");
    }
    assert!(refused.iter().any(|answer| answer.code().as_deref() == Some("busy")), "forty at once fit");
    app.logs_in("ada", PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn a_login_is_told_and_noted_and_a_new_device_is_noticed() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let by = |device: &'static str| {
        let body = json!({ "email": address("ada"), "password": PASSWORD, "device_name": device });
        app.nobody().post("/auth/login", body)
    };
    for device in ["Portable", "Portable", "Téléphone"] {
        by(device).await.has_status(200);
    }
    let told: Vec<bool> = app.emitted_of::<UserLoggedIn>().await.iter().map(|event| event.new_device).collect();
    assert_eq!(told, [true, false, true]);
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'logged_in'").await, 3);
    assert_eq!(app.count("SELECT count(*) FROM users WHERE last_login_at IS NOT NULL").await, 1);
}

#[tokio::test]
async fn a_failure_is_told_and_noted_without_naming_anybody() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    app.logs_in("ada", "not her password").await;
    app.logs_in("eve", "not her password").await;
    let told = app.emitted_of::<UserLoginFailed>().await;
    assert_eq!(told.len(), 2);
    assert!(told[0].user_id.is_some() && told[1].user_id.is_none());
    assert_ne!(told[0].identifier_hmac, told[1].identifier_hmac);
    let noted = "SELECT count(*) FROM security_events WHERE kind = 'login_failed' AND reason = 'wrong_credentials'";
    assert_eq!(app.count(noted).await, 2);
    let named = "SELECT count(*) FROM security_events s WHERE s::text LIKE '%@%' OR s::text LIKE '%127.0.0.1%'";
    assert_eq!(app.count(named).await, 0);
}

#[tokio::test]
async fn two_logins_are_two_sessions() {
    let app = TestApp::start().await;
    let first = app.signs_in("ada").await;
    let second = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    assert_ne!(first.claims()["sid"], second.claims()["sid"]);
    let all = together((0..3).map(|_| app.logs_in("ada", PASSWORD))).await;
    assert!(all.iter().all(|answer| answer.status == 200), "{all:?}");
}

#[tokio::test]
async fn a_body_of_another_kind_is_refused() {
    let app = TestApp::start().await;
    let text = app.nobody().call(reqwest::Method::POST, "/auth/login").bytes("text/plain", b"ada".to_vec());
    text.await.is(415, "unsupported_media_type");
    let broken = app.nobody().call(reqwest::Method::POST, "/auth/login").bytes("application/json", b"{".to_vec());
    broken.await.is(400, "malformed_json");
    let more = json!({ "email": address("ada"), "password": PASSWORD, "is_admin": true });
    app.nobody().post("/auth/login", more).await.has_status(422);
}
