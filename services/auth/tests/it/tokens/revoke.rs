//! POST /auth/revoke.

use contracts::auth::SessionRevoked;
use reqwest::Method;
use serde_json::json;
use testkit::Answer;

use super::{JWT_BEARER, assertion, denies, form, token};
use crate::support::{Deeds, SignedIn, TestApp, together};

async fn revokes(app: &TestApp, token: &str) -> Answer {
    form(app, "/auth/revoke", &[("token", token)]).await
}

async fn kinds(who: &SignedIn) -> Vec<String> {
    let events = who.actor.get("/auth/security-events").await.json();
    events["items"].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_is_none_of_ours_is_answered_like_what_was_and_changes_nothing() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let mark = app.mark().await;
    let cut = &ada.access[..ada.access.len() - 2];
    for other in ["x", "a.b.c", cut, &ada.refresh[1..], &ada.refresh.to_uppercase(), &"x".repeat(20_000)] {
        let answer = revokes(&app, other).await;
        answer.has_status(200);
        assert_eq!(answer.text(), "");
    }
    app.emitted_nothing_since(mark).await;
    ada.actor.get("/auth/me").await.has_status(200);
    denies(&revokes(&app, "").await, 400, "invalid_request");
    denies(&app.nobody().post("/auth/revoke", json!({ "token": ada.access })).await, 400, "invalid_request");
}

#[tokio::test]
async fn a_refresh_token_ends_its_session() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let other = SignedIn::of(&app, &app.logs_in("ada", crate::support::PASSWORD).await);
    revokes(&app, &ada.refresh).await.has_status(200);
    ada.actor.get("/auth/me").await.is(401, "token_revoked");
    app.refreshes(&ada.refresh).await.is(401, "refresh_invalid");
    revokes(&app, &ada.refresh).await.has_status(200);
    let told = app.emitted_of::<SessionRevoked>().await;
    assert_eq!((told.len(), json!(told[0].sid)), (1, ada.claims()["sid"].clone()));
    assert!(kinds(&other).await.iter().any(|kind| kind == "sessions_ended"));
    app.refreshes(&other.refresh).await.has_status(200);
}

/// Whoever still has a token that was used is its owner, or a thief: the session is better over in both cases.
#[tokio::test]
async fn a_refresh_token_that_was_used_ends_its_session_too() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let next = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    revokes(&app, &ada.refresh).await.has_status(200);
    next.actor.get("/auth/me").await.is(401, "token_revoked");
    app.refreshes(&next.refresh).await.is(401, "refresh_invalid");
}

#[tokio::test]
async fn an_access_token_ends_alone_and_its_session_goes_on() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    revokes(&app, &ada.access).await.has_status(200);
    ada.actor.get("/auth/me").await.is(401, "token_revoked");
    let told = app.emitted_of::<SessionRevoked>().await;
    assert_eq!((told.len(), told[0].sid), (1, None));
    assert_eq!(json!(told[0].jti), ada.claims()["jti"]);
    let next = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    assert!(kinds(&next).await.iter().any(|kind| kind == "token_revoked"));
    let keys = authn::Keys::of(app.state().keyring.published()).unwrap();
    let restarted = authn::Verifier::with_keys("http://auth.test", keys);
    let mut conn = app.db().conn().await.unwrap();
    let snapshot = auth::revocations::snapshot(&mut conn, None, app.clock.now()).await.unwrap();
    restarted.take_snapshot(&snapshot, app.clock.now());
    assert_eq!(restarted.verify(&ada.access, app.clock.now()).unwrap_err().code().code, "token_revoked");
    restarted.verify(&next.access, app.clock.now()).unwrap();
}

#[tokio::test]
async fn twenty_who_end_the_same_token_end_it_once() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    for token in [&ada.access, &bob.refresh] {
        let answers = together((0..20).map(|_| async { revokes(&app, token).await })).await;
        for answer in &answers {
            answer.has_status(200);
        }
    }
    assert_eq!(app.told::<SessionRevoked>().await, 2);
}

#[tokio::test]
async fn a_service_ends_its_own_token() {
    let app = TestApp::start().await;
    let own = token(&app, "posts", "auth").await;
    let posts = app.actor("posts", contracts::UserId(uuid::Uuid::nil()), own.clone());
    let looks = async || posts.call(Method::POST, "/auth/introspect").form(&[("token", "x")]).await;
    looks().await.has_status(200);
    revokes(&app, &own).await.has_status(200);
    looks().await.is(401, "token_revoked");
}

#[tokio::test]
async fn a_service_that_tries_to_prove_itself_has_to_succeed() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let with = |proof: &str| {
        let pairs =
            [("client_assertion_type", JWT_BEARER), ("client_assertion", proof), ("token", ada.access.as_str())];
        form(&app, "/auth/revoke", &pairs)
    };
    denies(&with("abc").await, 401, "invalid_client");
    ada.actor.get("/auth/me").await.has_status(200);
    let proof = assertion(&app, "posts");
    with(&proof).await.has_status(200);
    ada.actor.get("/auth/me").await.is(401, "token_revoked");
    denies(&with(&proof).await, 401, "invalid_client");
}
