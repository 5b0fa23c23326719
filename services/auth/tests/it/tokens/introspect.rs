//! POST /auth/introspect.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Actor, Answer};

use super::{JWT_BEARER, assertion, denies, form, token};
use crate::support::{Deeds, SignedIn, TestApp};

/// A service that may ask.
async fn posts(app: &TestApp) -> Actor {
    let token = token(app, "posts", "auth").await;
    app.actor("posts", contracts::UserId(uuid::Uuid::nil()), token)
}

async fn asked(service: &Actor, token: &str) -> Answer {
    service.call(Method::POST, "/auth/introspect").form(&[("token", token)]).await
}

async fn is(service: &Actor, token: &str) -> Value {
    let answer = asked(service, token).await;
    answer.has_status(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.json()
}

fn inactive() -> Value {
    json!({ "active": false })
}

#[tokio::test]
async fn only_services_may_ask() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    asked(&app.nobody(), &ada.access).await.is(401, "unauthenticated");
    asked(&ada.actor, &ada.access).await.is(403, "forbidden");
    let elsewhere = token(&app, "posts", "users").await;
    let elsewhere = app.actor("posts", contracts::UserId(uuid::Uuid::nil()), elsewhere);
    asked(&elsewhere, &ada.access).await.is(401, "unauthenticated");
    let proof = [("client_assertion_type", JWT_BEARER), ("client_assertion", "abc"), ("token", ada.access.as_str())];
    denies(&form(&app, "/auth/introspect", &proof).await, 401, "invalid_client");
    // A proof that fails is not made good by a token beside it.
    let service = posts(&app).await;
    denies(&service.call(Method::POST, "/auth/introspect").form(&proof).await, 401, "invalid_client");
    denies(&service.call(Method::POST, "/auth/introspect").form(&[("token", "")]).await, 400, "invalid_request");
}

#[tokio::test]
async fn a_service_may_prove_itself_by_its_key_each_time() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let proof = assertion(&app, "posts");
    let pairs =
        [("client_assertion_type", JWT_BEARER), ("client_assertion", proof.as_str()), ("token", ada.access.as_str())];
    let answer = form(&app, "/auth/introspect", &pairs).await;
    answer.has_status(200);
    assert_eq!(answer.json()["active"], true);
    denies(&form(&app, "/auth/introspect", &pairs).await, 401, "invalid_client");
}

#[tokio::test]
async fn an_access_token_is_told_with_all_that_it_says_until_it_is_over() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let service = posts(&app).await;
    let mut expected = ada.claims();
    expected.as_object_mut().unwrap().remove("type");
    expected["active"] = json!(true);
    expected["token_type"] = json!("Bearer");
    assert_eq!(is(&service, &ada.access).await, expected);
    let hinted = service.call(Method::POST, "/auth/introspect");
    let hinted = hinted.form(&[("token", ada.access.as_str()), ("token_type_hint", "refresh_token")]).await;
    assert_eq!(hinted.json(), expected);
    ada.actor.call(Method::POST, "/auth/logout").await.has_status(204);
    assert_eq!(is(&service, &ada.access).await, inactive());
    let later = SignedIn::of(&app, &app.logs_in("ada", crate::support::PASSWORD).await);
    app.clock.advance(SignedDuration::from_secs(1830));
    assert_eq!(is(&posts(&app).await, &later.access).await, inactive());
}

#[tokio::test]
async fn a_refresh_token_is_told_while_it_carries_its_session_on() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let service = posts(&app).await;
    let at = app.clock.now().as_second();
    let expected = json!({
        "active": true, "scope": "api", "client_id": "jolmood", "iss": "http://auth.test", "sub": ada.id,
        "iat": at, "exp": at + 604_800, "sid": ada.claims()["sid"],
    });
    assert_eq!(is(&service, &ada.refresh).await, expected);
    let next = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    assert_eq!(is(&service, &ada.refresh).await, inactive(), "it was used");
    assert_eq!(is(&service, &next.refresh).await["active"], true);
    app.execute("UPDATE users SET is_active = false").await;
    assert_eq!(is(&service, &next.refresh).await, inactive());
    app.execute("UPDATE users SET is_active = true").await;
    next.actor.call(Method::POST, "/auth/logout").await.has_status(204);
    assert_eq!(is(&service, &next.refresh).await, inactive());
}

#[tokio::test]
async fn a_service_token_is_told_to_the_two_that_it_concerns() {
    let app = TestApp::start().await;
    let service = posts(&app).await;
    let (own, to_it) = (token(&app, "posts", "users").await, token(&app, "users", "posts").await);
    let told = is(&service, &own).await;
    assert_eq!((&told["active"], &told["sub"], &told["aud"]), (&json!(true), &json!("posts"), &json!(["users"])));
    assert_eq!(is(&service, &to_it).await["sub"], "users");
    let between_others = token(&app, "users", "notifications").await;
    assert_eq!(is(&service, &between_others).await, inactive());
}

#[tokio::test]
async fn what_is_none_of_ours_is_not_told_from_what_is_over() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let service = posts(&app).await;
    let secret = app.forgets("ada").await;
    secret.has_status(202);
    let link = app.secrets("reset_password", "ada").await.pop().unwrap();
    let cut = &ada.access[..ada.access.len() - 2];
    let long = "x".repeat(20_000);
    for other in ["x", "a.b.c", cut, &link, &long, &assertion(&app, "posts"), "\0", "é"] {
        assert_eq!(is(&service, other).await, inactive(), "{other}");
    }
}
