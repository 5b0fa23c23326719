//! GET /auth/google/callback and GET /auth/oauth/{provider}/callback.

use testkit::Answer;

use crate::providers::{Gone, goes};
use crate::stand_in::{StandIn, usual};
use crate::support::{Deeds, TestApp, together};
use jiff::SignedDuration;

const TO_APPLICATION: &str = "?redirect_uri=https%3A%2F%2Fapp.example.org%2Fother%3Fx%3D1\
    &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

async fn comes(app: &TestApp, cookie: &str, query: &str) -> Answer {
    app.nobody().get(&format!("/auth/oauth/acme/callback?{query}")).header("cookie", cookie).await
}

/// As a provider sends people back.
fn back(gone: &Gone, provider: &StandIn) -> String {
    format!("code=c0de&state={}&iss={}", gone.told("state"), provider.url)
}

/// What a provider answers that is out of its mind: to a path and its own address.
type Garbled = fn(&str, &str) -> (u16, String);

#[tokio::test]
async fn nobody_comes_back_who_did_not_set_out_from_here() {
    let provider = StandIn::new();
    let app = TestApp::with(&provider.variables()).await;
    let (mine, other) = (goes(&app, "").await, goes(&app, "").await);
    let iss = &provider.url;
    for (what, cookie, query) in [
        ("without a state", mine.cookie.as_str(), format!("code=c0de&iss={iss}")),
        ("with an empty one", mine.cookie.as_str(), format!("code=c0de&state=&iss={iss}")),
        ("with one of another browser", mine.cookie.as_str(), back(&other, &provider)),
        ("without what the browser carries", "", back(&mine, &provider)),
        ("with what another browser carries", other.cookie.as_str(), back(&mine, &provider)),
        ("with what nobody signed", "__Host-oauth-state=e30.e30.AA", back(&mine, &provider)),
        ("with an error of its own", "", format!("error=access_denied&state={}", mine.told("state"))),
    ] {
        let refused = comes(&app, cookie, &query).await;
        assert_eq!((refused.status, refused.code().as_deref()), (400, Some("state_invalid")), "{what}: {refused:?}");
    }
    let elsewhere = app.nobody().get(&format!("/auth/google/callback?{}", back(&mine, &provider)));
    elsewhere.header("cookie", &mine.cookie).await.is(400, "state_invalid");
    assert!(provider.asked("/token").is_empty(), "none of these codes was shown to the provider");
    comes(&app, &mine.cookie, &back(&mine, &provider)).await.is(400, "provider_refused");
}

#[tokio::test]
async fn an_access_token_is_no_journey() {
    let provider = StandIn::new();
    let app = TestApp::with(&provider.variables()).await;
    let (ada, gone) = (app.signs_in("ada").await, goes(&app, "").await);
    let cookie = format!("__Host-oauth-state={}", ada.access);
    comes(&app, &cookie, &back(&gone, &provider)).await.is(400, "state_invalid");
}

#[tokio::test]
async fn everybody_comes_back_once() {
    let provider = StandIn::new();
    let app = TestApp::with(&provider.variables()).await;
    let gone = goes(&app, "").await;
    let query = back(&gone, &provider);
    let answers = together((0..10).map(|_| comes(&app, &gone.cookie, &query))).await;
    let first = answers.iter().filter(|answer| answer.code().as_deref() == Some("provider_refused")).count();
    let late = answers.iter().filter(|answer| answer.code().as_deref() == Some("state_invalid")).count();
    assert_eq!((first, late), (1, 9));
    assert_eq!(provider.asked("/token").len(), 1);
}

#[tokio::test]
async fn a_journey_takes_ten_minutes_at_most() {
    let provider = StandIn::new();
    let app = TestApp::with(&provider.variables()).await;
    let gone = goes(&app, "").await;
    app.clock.advance(SignedDuration::from_mins(10));
    comes(&app, &gone.cookie, &back(&gone, &provider)).await.is(400, "state_invalid");
    app.clock.advance(SignedDuration::from_secs(-1));
    comes(&app, &gone.cookie, &back(&gone, &provider)).await.is(400, "provider_refused");
}

#[tokio::test]
async fn whoever_comes_from_another_provider_is_refused() {
    let provider = StandIn::new();
    let app = TestApp::with(&provider.variables()).await;
    for issuer in ["&iss=https%3A%2F%2Faccounts.google.com", "&iss=", ""] {
        let gone = goes(&app, "").await;
        let query = format!("code=c0de&state={}{issuer}", gone.told("state"));
        comes(&app, &gone.cookie, &query).await.is(400, "state_invalid");
    }
    assert!(provider.asked("/token").is_empty());
}

#[tokio::test]
async fn the_code_is_shown_with_our_secret_and_the_verifier() {
    let provider = StandIn::new();
    let app = TestApp::with(&provider.variables()).await;
    let gone = goes(&app, "").await;
    comes(&app, &gone.cookie, &back(&gone, &provider)).await.is(400, "provider_refused");
    let asked = provider.asked("/token").remove(0);
    let form: std::collections::BTreeMap<String, String> =
        url::form_urlencoded::parse(asked.split("\r\n\r\n").nth(1).unwrap().as_bytes()).into_owned().collect();
    assert!(asked.contains("authorization: Basic "), "{asked}");
    assert_eq!((form["code"].as_str(), form["grant_type"].as_str()), ("c0de", "authorization_code"));
    assert_eq!(form["redirect_uri"], gone.told("redirect_uri"));
    use base64::Engine;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, form["code_verifier"].as_bytes());
    let made = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest);
    assert_eq!(made, gone.told("code_challenge"));
}

#[tokio::test]
async fn what_the_provider_refuses_is_told_in_a_word_of_its_own() {
    let provider = StandIn::new();
    let app = TestApp::with(&provider.variables()).await;
    for (said, told) in [("access_denied", "access_denied"), ("%3Cscript%3E", "unknown")] {
        let gone = goes(&app, "").await;
        let query = format!("error={said}&error_description=x&state={}&iss={}", gone.told("state"), provider.url);
        let refused = comes(&app, &gone.cookie, &query).await;
        refused.is(400, "provider_refused");
        assert_eq!(refused.json()["provider_error"], told);
        let cookie = refused.header("set-cookie").unwrap();
        assert!(cookie.starts_with("__Host-oauth-state=;") && cookie.contains("Max-Age=0"), "{cookie}");
    }
}

#[tokio::test]
async fn an_application_is_told_a_word_at_its_own_address() {
    let provider = StandIn::new();
    let app = TestApp::with(&provider.variables()).await;
    let gone = goes(&app, TO_APPLICATION).await;
    let sent = comes(&app, &gone.cookie, &back(&gone, &provider)).await;
    sent.has_status(303);
    assert_eq!(sent.header("location"), Some("https://app.example.org/other?x=1&error=provider_refused"));
}

#[tokio::test]
async fn nonsense_for_a_code_is_the_providers_fault() {
    let nonsense: [Garbled; 4] = [
        |url, path| if path == "/token" { (200, "<html>".into()) } else { usual(url, path) },
        |url, path| if path == "/token" { (500, String::new()) } else { usual(url, path) },
        |url, path| if path == "/token" { (400, r#"{"error":"invalid_client"}"#.into()) } else { usual(url, path) },
        |url, path| {
            let tokens = r#"{"access_token":"x","token_type":"Bearer","id_token":"e30.e30.AA"}"#;
            if path == "/token" { (200, tokens.into()) } else { usual(url, path) }
        },
    ];
    for says in nonsense {
        let provider = StandIn::saying(says);
        let app = TestApp::with(&provider.variables()).await;
        let gone = goes(&app, "").await;
        comes(&app, &gone.cookie, &back(&gone, &provider)).await.is(502, "provider_unavailable");
    }
}

#[tokio::test]
async fn a_token_without_an_id_token_is_not_believed() {
    let provider = StandIn::saying(|url, path| {
        let tokens = r#"{"access_token":"x","token_type":"Bearer"}"#;
        if path == "/token" { (200, tokens.into()) } else { usual(url, path) }
    });
    let app = TestApp::with(&provider.variables()).await;
    let gone = goes(&app, "").await;
    comes(&app, &gone.cookie, &back(&gone, &provider)).await.is(502, "provider_invalid");
}
