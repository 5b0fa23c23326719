//! POST /auth/passkeys/options.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jiff::SignedDuration;
use serde_json::json;

use super::{asked, equipped};
use crate::support::{Deeds, PASSWORD, TestApp};

const PATH: &str = "/auth/passkeys/options";

#[tokio::test]
async fn only_the_owner_is_asked_who_showed_it_a_moment_ago() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.nobody().post(PATH, json!({})).await.is(401, "unauthenticated");
    ada.actor.post(PATH, json!({ "password": "not her password" })).await.is(401, "invalid_credentials");
    app.clock.advance(SignedDuration::from_mins(11));
    ada.actor.post(PATH, json!({})).await.is(401, "step_up_required");
    ada.actor.post(PATH, json!({ "password": PASSWORD })).await.has_status(200);
    assert_eq!(app.count("SELECT count(*) FROM passkey_ceremonies").await, 1);
}

#[tokio::test]
async fn the_browser_is_asked_for_one_that_is_found_without_a_name_and_knows_its_owner() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let asked = asked(&ada.actor, PATH).await;
    assert_eq!(asked["ticket"].as_str().unwrap().len(), 43);
    let options = &asked["publicKey"];
    let selection = &options["authenticatorSelection"];
    assert_eq!((&selection["residentKey"], &selection["requireResidentKey"]), (&json!("required"), &json!(true)));
    assert_eq!(selection["userVerification"], "required");
    assert_eq!((&options["rp"]["id"], &options["rp"]["name"]), (&json!("localhost"), &json!("Jolmood")));
    assert_eq!(options["attestation"], "none");
    assert_eq!(options["excludeCredentials"], json!([]));
    assert_eq!(BASE64.decode(options["challenge"].as_str().unwrap()).unwrap().len(), 32);
    assert_eq!(BASE64.decode(options["user"]["id"].as_str().unwrap()).unwrap(), ada.id.0.as_bytes());
    assert_eq!(options["user"]["displayName"], "Ada Lovelace");
}

#[tokio::test]
async fn no_challenge_is_given_twice() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let (first, second) = (asked(&ada.actor, PATH).await, asked(&ada.actor, PATH).await);
    assert_ne!(first["publicKey"]["challenge"], second["publicKey"]["challenge"]);
    assert_ne!(first["ticket"], second["ticket"]);
}

#[tokio::test]
async fn a_device_is_told_which_it_has_already_and_no_others() {
    let app = TestApp::start().await;
    let (ada, _, passkey) = equipped(&app, "ada").await;
    equipped(&app, "bob").await;
    let asked = asked(&ada.actor, PATH).await;
    let known = json!([{ "type": "public-key", "id": BASE64.encode(&passkey.id) }]);
    assert_eq!(asked["publicKey"]["excludeCredentials"], known);
}
