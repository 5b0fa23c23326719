//! POST /auth/step-up/passkey/options.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::json;

use super::{asked, equipped};
use crate::support::{Deeds, TestApp};

const PATH: &str = "/auth/step-up/passkey/options";

#[tokio::test]
async fn who_has_a_passkey_is_asked_for_it_and_who_has_none_is_told() {
    let app = TestApp::start().await;
    app.nobody().post(PATH, json!({})).await.is(401, "unauthenticated");
    let (ada, _, passkey) = equipped(&app, "ada").await;
    let bob = app.signs_in("bob").await;
    bob.actor.post(PATH, json!({})).await.is(409, "no_passkey");
    let asked = asked(&ada.actor, PATH).await;
    assert_eq!(asked["publicKey"]["allowCredentials"][0]["id"], json!(BASE64.encode(&passkey.id)));
    assert_eq!(asked["publicKey"]["userVerification"], "required");
}
