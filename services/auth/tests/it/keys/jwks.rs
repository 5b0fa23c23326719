//! GET /auth/.well-known/jwks.json, and its twin on the internal port.

use auth::keys::rotate::Rotation;
use serde_json::Value;

use crate::support::{Deeds, TestApp};

#[tokio::test]
async fn the_key_that_signs_is_published_and_nothing_secret_with_it() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let answer = app.nobody().get("/auth/.well-known/jwks.json").await;
    answer.has_status(200);
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    let keys = answer.json()["keys"].as_array().unwrap().clone();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0]["kid"], ada.header()["kid"]);
    let names: Vec<&str> = keys[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
}

#[tokio::test]
async fn verifiers_read_the_same_on_the_internal_port_alone() {
    let app = TestApp::start().await;
    let public = app.nobody().get("/auth/.well-known/jwks.json").await.json();
    let internal: Value =
        reqwest::get(format!("{}/internal/jwks", app.internal_url())).await.unwrap().json().await.unwrap();
    assert_eq!(internal, public);
    let from_outside = reqwest::get(format!("{}/internal/jwks", app.url())).await.unwrap();
    assert_eq!(from_outside.status(), 404);
}

/// Whoever hears that the keys changed may ask before this process has taken them over, and then not for half a minute.
#[tokio::test]
async fn verifiers_read_what_is_stored_and_not_what_this_process_has_so_far() {
    let app = TestApp::start().await;
    let state = app.state();
    let rotation =
        Rotation { db: app.db().clone(), secrets: state.secrets.clone(), algorithm: authn::Algorithm::Es256 };
    let kid = rotation.now(false).await.unwrap();
    let internal: Value =
        reqwest::get(format!("{}/internal/jwks", app.internal_url())).await.unwrap().json().await.unwrap();
    let kids: Vec<_> = internal["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert!(kids.contains(&kid.as_str()), "{kids:?} lacks {kid}");
}

#[tokio::test]
async fn another_process_on_the_same_tables_accepts_and_signs_with_the_same_key() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let keys = app.nobody().get("/auth/.well-known/jwks.json").await;
    let keys = authn::Keys::of(keys.read()).unwrap();
    let elsewhere = authn::Verifier::with_keys("http://auth.test", keys);
    let who = elsewhere.verify(&ada.access, app.clock.now()).unwrap();
    assert_eq!(who.user, ada.id);
}
