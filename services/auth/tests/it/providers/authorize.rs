//! GET /auth/google and GET /auth/oauth/{provider}.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::json;

use crate::providers::goes;
use crate::stand_in::{StandIn, document, usual};
use crate::support::{Deeds, PASSWORD, TestApp, together};

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What a provider answers that is out of its mind: to a path and its own address.
type Garbled = fn(&str, &str) -> (u16, String);

#[tokio::test]
async fn a_provider_that_nobody_configured_is_not_found() {
    let app = TestApp::start().await;
    app.nobody().get("/auth/oauth/nobody").await.is(404, "not_found");
    app.nobody().get("/auth/oauth/nobody/callback?state=x&code=y").await.is(404, "not_found");
    let none = TestApp::with(&[("AUTH_PROVIDERS", "")]).await;
    none.nobody().get("/auth/google").await.is(404, "not_found");
    none.nobody().get("/auth/google/callback?state=x&code=y").await.is(404, "not_found");
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_unavailable() {
    let app = TestApp::start().await;
    app.nobody().get("/auth/google").await.is(502, "provider_unavailable");
}

#[tokio::test]
async fn a_provider_that_answers_nonsense_is_unavailable() {
    let nonsense: [Garbled; 5] = [
        |_, _| (200, "<html>".into()),
        |_, _| (500, String::new()),
        |url, path| (usual(url, path).0, usual(url, path).1.replace("http://", "https://other")),
        |url, path| {
            let mut said = document(url);
            said["authorization_endpoint"] = "http://192.0.2.1/auth".into();
            if path == "/jwks" { usual(url, path) } else { (200, said.to_string()) }
        },
        |url, path| {
            let mut said = document(url);
            said["jwks_uri"] = "http://169.254.169.254/latest".into();
            if path == "/jwks" { usual(url, path) } else { (200, said.to_string()) }
        },
    ];
    for says in nonsense {
        let provider = StandIn::saying(says);
        let app = TestApp::with(&provider.variables()).await;
        app.nobody().get("/auth/oauth/acme").await.is(502, "provider_unavailable");
    }
}

#[tokio::test]
async fn the_provider_is_told_all_that_a_safe_journey_needs() {
    let provider = StandIn::new();
    let app = TestApp::with(&provider.variables()).await;
    let (first, second) = (goes(&app, "").await, goes(&app, "").await);
    assert!(first.url.as_str().starts_with(&format!("{}/auth?", provider.url)), "{}", first.url);
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "jolmood"),
        ("scope", "openid email profile"),
        ("code_challenge_method", "S256"),
        ("redirect_uri", "http://127.0.0.1:8080/api/v1/auth/oauth/acme/callback"),
    ] {
        assert_eq!(first.told(name), value);
    }
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(first.told(name).len(), 43, "{name}");
        assert_ne!(first.told(name), second.told(name), "{name} is another each time");
    }
}

#[tokio::test]
async fn the_browser_carries_the_journey_and_nothing_that_the_provider_is_to_keep() {
    let provider = StandIn::new();
    let app = TestApp::with(&provider.variables()).await;
    let answer = app.nobody().get("/auth/oauth/acme").await;
    let cookie = answer.header("set-cookie").unwrap().to_owned();
    for part in ["__Host-oauth-state=", "Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=600"] {
        assert!(cookie.contains(part), "{part} is not in {cookie}");
    }
    use base64::Engine;
    let decode = |part: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap();
    let token: Vec<_> = cookie.split(['=', ';']).nth(1).unwrap().split('.').collect();
    let header: serde_json::Value = serde_json::from_slice(&decode(token[0])).unwrap();
    assert_eq!((&header["alg"], &header["typ"]), (&json!("HS256"), &json!("state+jwt")));
    let claims = String::from_utf8(decode(token[1])).unwrap();
    let gone = crate::providers::Gone::by(&answer);
    assert!(!claims.contains(&gone.told("state")) && !claims.contains(&gone.told("nonce")), "{claims}");
}

#[tokio::test]
async fn a_browser_is_sent_there_at_once() {
    let provider = StandIn::new();
    let app = TestApp::with(&provider.variables()).await;
    let sent = app.nobody().get("/auth/oauth/acme").header("accept", "text/html,application/xhtml+xml;q=0.9").await;
    sent.has_status(302);
    assert!(sent.header("location").unwrap().starts_with(&format!("{}/auth?", provider.url)));
    assert!(sent.header("set-cookie").unwrap().starts_with("__Host-oauth-state="));
}

#[tokio::test]
async fn people_are_sent_back_to_listed_addresses_alone() {
    let provider = StandIn::new();
    let app = TestApp::with(&provider.variables()).await;
    let goes_to = async |uri: &str| {
        let query: String = url::form_urlencoded::byte_serialize(uri.as_bytes()).collect();
        app.nobody().get(&format!("/auth/oauth/acme?redirect_uri={query}&code_challenge={CHALLENGE}")).await
    };
    goes_to("https://app.example.org/signed-in").await.has_status(200);
    goes_to("https://app.example.org/other?x=1").await.has_status(200);
    for other in [
        "https://app.example.org/signed-in/",
        "https://app.example.org/signed-in?x=1",
        "https://app.example.org/signed-in#x",
        "https://app.example.org/signed-in/../signed-in",
        "https://APP.example.org/signed-in",
        "http://app.example.org/signed-in",
        "https://app.example.org:443/signed-in",
        "https://app.example.org.evil.example/signed-in",
        "https://app.example.org@evil.example/signed-in",
        "https://evil.example/?https://app.example.org/signed-in",
        "//app.example.org/signed-in",
        "javascript:alert(1)",
        "",
    ] {
        goes_to(other).await.is(400, "redirect_not_allowed");
    }
    assert_eq!(provider.asked("/.well-known/openid-configuration").len(), 1, "only for those who may go");
}

#[tokio::test]
async fn an_application_gives_a_challenge_or_nothing() {
    let provider = StandIn::new();
    let app = TestApp::with(&provider.variables()).await;
    let uri = "https%3A%2F%2Fapp.example.org%2Fsigned-in";
    for query in [
        format!("redirect_uri={uri}"),
        format!("code_challenge={CHALLENGE}"),
        format!("redirect_uri={uri}&code_challenge=short"),
        format!("redirect_uri={uri}&code_challenge={CHALLENGE}&code_challenge_method=plain"),
    ] {
        app.nobody().get(&format!("/auth/oauth/acme?{query}")).await.is(400, "pkce_required");
    }
}

#[tokio::test]
async fn a_provider_is_asked_what_it_is_once_by_all_who_come_at_once() {
    let provider = StandIn::new();
    let app = TestApp::with(&provider.variables()).await;
    // So many wait for a provider at once.
    for answer in together((0..8).map(|_| app.nobody().get("/auth/oauth/acme"))).await {
        answer.has_status(200);
    }
    for answer in together((0..20).map(|_| app.nobody().get("/auth/oauth/acme"))).await {
        answer.has_status(200);
    }
    assert_eq!(provider.asked("/.well-known/openid-configuration").len(), 1);
    assert_eq!(provider.asked("/jwks").len(), 1);
}

/// Else those who wait for it would take the places of all others.
#[tokio::test]
async fn a_provider_that_hangs_keeps_eight_waiting_and_the_rest_hear_at_once() {
    let provider = StandIn::silent();
    let app = TestApp::with(&provider.variables()).await;
    app.has_account("ada").await;
    let mut all: FuturesUnordered<_> = (0..32).map(|_| app.nobody().get("/auth/oauth/acme").into_future()).collect();
    let quick = tokio::time::timeout(Duration::from_secs(3), all.by_ref().take(24).collect::<Vec<_>>()).await;
    for answer in quick.expect("they hear before the provider's time is up") {
        answer.is(502, "provider_unavailable");
    }
    app.logs_in("ada", PASSWORD).await.has_status(200);
    app.nobody().get("/auth/google").await.is(502, "provider_unavailable");
    assert_eq!(all.len(), 8, "they wait still");
}
