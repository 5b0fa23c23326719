//! POST /auth/forgot-password.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;
use tokio::time::Instant;

use crate::support::{Deeds, NEW_PASSWORD, TestApp, address, together};

const RESET: &str = "reset_password";

#[tokio::test]
async fn what_is_no_address_is_refused() {
    let app = TestApp::start().await;
    for email in ["", "ada", "ada@", "ada@example.org\r\nBcc: eve@example.org"] {
        let answer = app.nobody().post("/auth/forgot-password", json!({ "email": email })).await;
        answer.is(422, "invalid").names("/email", "not_an_email");
    }
    app.nobody().post("/auth/forgot-password", json!({ "email": address("ada"), "id": 1 })).await.has_status(422);
}

#[tokio::test]
async fn everybody_gets_the_same_answer_and_only_who_may_come_in_a_link() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    app.registers("bob").await;
    app.has_account("cleo").await;
    app.execute("UPDATE users SET is_active = false WHERE username = 'cleo'").await;
    for name in ["ada", "bob", "cleo", "eve"] {
        let answer = app.forgets(name).await;
        answer.has_status(202);
        assert_eq!(answer.json(), json!({ "accepted": true }), "{name}");
    }
    for (name, links) in [("ada", 1), ("bob", 1), ("cleo", 0), ("eve", 0)] {
        assert_eq!(app.secrets(RESET, name).await.len(), links, "{name}");
    }
}

#[tokio::test]
async fn no_answer_comes_before_its_time() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    for name in ["ada", "eve"] {
        let began = Instant::now();
        app.forgets(name).await.has_status(202);
        assert!(began.elapsed() >= Duration::from_millis(250), "{name}: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn nobody_waits_for_another_answers_time() {
    let app = TestApp::start().await;
    let mut fastest = Duration::MAX;
    for name in ["ada", "bob", "cleo", "dan", "eve"] {
        let began = Instant::now();
        let answers = together([app.forgets(name), app.forgets(name)]).await;
        for answer in answers {
            answer.has_status(202);
        }
        fastest = began.elapsed().min(fastest);
    }
    assert!(fastest < Duration::from_millis(500), "two at once took {fastest:?}");
}

#[tokio::test]
async fn an_address_is_not_mailed_more_often_than_allowed_whether_it_exists_or_not() {
    let app = TestApp::with(&[("LIMIT_MAIL", "3/h")]).await;
    app.has_account("ada").await;
    app.clock.advance(SignedDuration::from_hours(1));
    for name in ["ada", "eve"] {
        for _ in 0..3 {
            app.forgets(name).await.has_status(202);
        }
        let refused = app.forgets(name).await;
        refused.is(429, "quota_exceeded");
        assert_eq!(refused.header("ratelimit-policy"), Some("\"mail\";q=3;w=3600"));
    }
    assert_eq!(app.secrets(RESET, "ada").await.len(), 3);
}

#[tokio::test]
async fn a_newer_link_makes_the_older_ones_void() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    app.has_account("bob").await;
    for name in ["ada", "bob", "ada", "ada"] {
        app.forgets(name).await.has_status(202);
    }
    let [first, second, third] = app.secrets(RESET, "ada").await.try_into().unwrap();
    for older in [first, second] {
        app.resets(&older, NEW_PASSWORD).await.is(400, "token_invalid");
    }
    app.resets(&third, NEW_PASSWORD).await.has_status(204);
    let [other] = app.secrets(RESET, "bob").await.try_into().unwrap();
    app.resets(&other, NEW_PASSWORD).await.has_status(204);
}

#[tokio::test]
async fn a_link_for_an_hour_is_mailed_and_its_secret_is_not_stored() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    app.forgets("ada").await.has_status(202);
    let mail = app.mails("ada").await.pop().unwrap();
    assert_eq!((mail.template.as_str(), mail.params["name"].as_str()), (RESET, "ada"));
    assert_eq!(mail.expires_at, app.clock.now() + SignedDuration::from_hours(1));
    let secrets = app.secrets(RESET, "ada").await;
    assert_eq!(secrets[0].len(), 43);
    assert!(!mail.dedup_key.contains(&secrets[0]));
    app.kept_no_word_of(&secrets).await;
    let digests =
        "SELECT count(*) FROM email_tokens WHERE purpose = 'reset_password' AND octet_length(token_hash) = 32";
    assert_eq!(app.count(digests).await, 1);
}

#[tokio::test]
async fn the_link_leads_to_the_site_whatever_the_request_says() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let body = json!({ "email": address("ada") });
    let call = app.nobody().post("/auth/forgot-password", body).header("host", "evil.example");
    call.header("x-forwarded-host", "evil.example").header("origin", "http://evil.example").await.has_status(202);
    let mail = app.mails("ada").await.pop().unwrap();
    let link = &mail.params["link"];
    assert!(link.starts_with("http://127.0.0.1:8080/api/v1/auth/reset-password?token="), "{link}");
    assert!(!serde_json::to_string(&mail).unwrap().contains("evil"), "{mail:?}");
}
