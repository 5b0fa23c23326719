//! POST /auth/token.

use auth::jobs::sweep;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use super::{TYP, asks, assertion, assertion_at, claims_at, denies, form, token};
use crate::support::{Deeds, TestApp, together};

const FOR_USERS: [(&str, &str); 1] = [("audience", "users")];

fn part(token: &str, at: usize) -> Value {
    use base64::Engine;
    let part = token.split('.').nth(at).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn nobody_gets_a_token_for_a_password() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let password = [("grant_type", "password"), ("username", "ada"), ("password", crate::support::PASSWORD)];
    denies(&form(&app, "/auth/token", &password).await, 400, "unsupported_grant_type");
    for grant in ["authorization_code", "refresh_token", "implicit", ""] {
        denies(&form(&app, "/auth/token", &[("grant_type", grant)]).await, 400, "unsupported_grant_type");
    }
}

#[tokio::test]
async fn what_is_no_form_is_told_so_in_the_words_of_oauth() {
    let app = TestApp::start().await;
    let proof = assertion(&app, "posts");
    let json = json!({ "grant_type": "client_credentials", "client_assertion": proof, "audience": "users" });
    denies(&app.nobody().post("/auth/token", json).await, 400, "invalid_request");
    denies(&app.nobody().call(Method::POST, "/auth/token").await, 400, "invalid_request");
    denies(&form(&app, "/auth/token", &FOR_USERS).await, 400, "invalid_request");
    let twice = asks(&app, &proof, &[("audience", "users"), ("audience", "users")]).await;
    denies(&twice, 400, "invalid_request");
    asks(&app, &proof, &[("audience", "users"), ("something", "else")]).await.has_status(200);
}

#[tokio::test]
async fn who_proves_nothing_gets_nothing() {
    let app = TestApp::start().await;
    let now = app.clock.now();
    let signed = |service: &str, typ: &str, claims: Value| testkit::service_key(service).sign(typ, &claims).unwrap();
    let of_posts = || claims_at(now, "posts", json!({}));
    let tampered = {
        let (posts, users) = (assertion(&app, "posts"), assertion(&app, "users"));
        let (head, signature) = (posts.split('.').next().unwrap(), posts.rsplit('.').next().unwrap());
        format!("{head}.{}.{signature}", users.split('.').nth(1).unwrap())
    };
    for proof in [
        String::new(),
        "abc".into(),
        tampered,
        signed("users", TYP, of_posts()),
        signed("strangers", TYP, claims_at(now, "strangers", json!({}))),
        signed("posts", "receipt+jwt", of_posts()),
        signed("posts", "svc+jwt", of_posts()),
        assertion_at(now, "posts", json!({ "aud": "http://other.test" })),
        assertion_at(now, "posts", json!({ "exp": now.as_second() - 31 })),
        assertion_at(now, "posts", json!({ "exp": now.as_second() + 331 })),
        assertion_at(now, "posts", json!({ "jti": null })),
        assertion_at(now, "posts", json!({ "jti": "\u{0}" })),
    ] {
        denies(&asks(&app, &proof, &FOR_USERS).await, 401, "invalid_client");
    }
    let proof = assertion(&app, "posts");
    denies(&asks(&app, &proof, &[("audience", "users"), ("client_id", "users")]).await, 401, "invalid_client");
    let grant = ("grant_type", "client_credentials");
    for unproven in [
        vec![grant, FOR_USERS[0]],
        vec![grant, FOR_USERS[0], ("client_id", "posts"), ("client_secret", "secret")],
        vec![grant, FOR_USERS[0], ("client_assertion", proof.as_str())],
        vec![grant, FOR_USERS[0], ("client_assertion", proof.as_str()), ("client_assertion_type", "saml2-bearer")],
    ] {
        denies(&form(&app, "/auth/token", &unproven).await, 401, "invalid_client");
    }
    // None of that used it up.
    asks(&app, &proof, &[("audience", "users"), ("client_id", "posts")]).await.has_status(200);
}

#[tokio::test]
async fn a_proof_is_good_once_however_many_show_it_at_once() {
    let app = TestApp::start().await;
    let proof = assertion(&app, "posts");
    let answers = together((0..20).map(|_| async { asks(&app, &proof, &FOR_USERS).await })).await;
    let (given, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((given.len(), refused.len()), (1, 19));
    refused.iter().for_each(|answer| denies(answer, 401, "invalid_client"));
    // The same id is another service's to use as well.
    let same = json!({ "jti": "same" });
    let now = app.clock.now();
    asks(&app, &assertion_at(now, "posts", same.clone()), &FOR_USERS).await.has_status(200);
    asks(&app, &assertion_at(now, "users", same.clone()), &[("audience", "posts")]).await.has_status(200);
    denies(&asks(&app, &assertion_at(now, "posts", same), &FOR_USERS).await, 401, "invalid_client");
}

#[tokio::test]
async fn used_proofs_are_forgotten_once_they_have_expired() {
    let app = TestApp::start().await;
    token(&app, "posts", "users").await;
    let used = "SELECT count(*) FROM used_assertions";
    app.clock.advance(SignedDuration::from_mins(65));
    sweep::once(app.db()).await.unwrap();
    assert_eq!(app.count(used).await, 1);
    app.clock.advance(SignedDuration::from_secs(1));
    sweep::once(app.db()).await.unwrap();
    assert_eq!(app.count(used).await, 0);
}

#[tokio::test]
async fn a_token_is_for_a_service_that_there_is() {
    let app = TestApp::start().await;
    let asked = async |more: &[(&str, &str)]| asks(&app, &assertion(&app, "posts"), more).await;
    denies(&asked(&[]).await, 400, "invalid_request");
    for unknown in ["strangers", "fleet", "", "USERS", "users posts"] {
        denies(&asked(&[("audience", unknown)]).await, 400, "invalid_target");
    }
    denies(&asked(&[("audience", "users"), ("scope", "admin")]).await, 400, "invalid_scope");
    let address = "http://127.0.0.1:8080/api/v1/users";
    let given = asked(&[("resource", address), ("scope", "api")]).await;
    given.has_status(200);
    assert_eq!(part(given.json()["access_token"].as_str().unwrap(), 1)["aud"], json!(["users"]));
    denies(&asked(&[("resource", address), ("audience", "posts")]).await, 400, "invalid_target");
}

#[tokio::test]
async fn a_service_gets_a_token_that_says_who_it_is_to_one_other() {
    let app = TestApp::start().await;
    let answer = asks(&app, &assertion(&app, "posts"), &FOR_USERS).await;
    answer.has_status(200);
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), (Some("no-store"), Some("no-cache")));
    let json = answer.json();
    let token = json["access_token"].as_str().unwrap();
    assert_eq!(
        json,
        json!({ "access_token": token, "token_type": "Bearer", "expires_in": 300, "scope": "api" }),
        "and no refresh token"
    );
    let kid = app.state().keyring.published().keys[0].kid.clone();
    assert_eq!(part(token, 0), json!({ "typ": "svc+jwt", "alg": "ES256", "kid": kid }));
    let (claims, at) = (part(token, 1), app.clock.now().as_second());
    let expected = json!({
        "iss": "http://auth.test", "sub": "posts", "aud": ["users"], "iat": at, "exp": at + 300,
        "jti": claims["jti"], "client_id": "posts", "scope": "api",
    });
    assert_eq!(claims, expected);
    let verifier = &app.state().verifier;
    assert_eq!(verifier.verify_service(token, "users", app.clock.now()).unwrap().service, "posts");
    assert!(verifier.verify_service(token, "auth", app.clock.now()).is_err());
}

#[tokio::test]
async fn older_libraries_call_an_assertion_a_jwt_and_are_understood() {
    let app = TestApp::start().await;
    let proof = testkit::service_key("posts").sign("JWT", &claims_at(app.clock.now(), "posts", json!({}))).unwrap();
    asks(&app, &proof, &FOR_USERS).await.has_status(200);
}

#[tokio::test]
async fn a_service_token_opens_nobodys_account() {
    let app = TestApp::start().await;
    let token = token(&app, "posts", "auth").await;
    let posts = app.actor("posts", contracts::UserId(uuid::Uuid::nil()), token);
    for path in ["/auth/me", "/auth/sessions", "/auth/security-events"] {
        posts.get(path).await.is(401, "unauthenticated");
    }
    posts.post("/auth/logout", json!({ "all": true })).await.is(401, "unauthenticated");
}
