//! POST /auth/mfa/passkey/options.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::json;

use super::{asked_after_password, challenged, equipped};
use crate::support::{Deeds, TestApp};

const MADE_UP: &str = "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[tokio::test]
async fn who_did_not_show_the_password_learns_nothing() {
    let app = TestApp::start().await;
    equipped(&app, "ada").await;
    for token in ["", "x", MADE_UP] {
        let answer = app.nobody().post("/auth/mfa/passkey/options", json!({ "mfa_token": token })).await;
        answer.is(401, "mfa_invalid");
    }
}

#[tokio::test]
async fn a_browser_is_asked_for_the_passkeys_of_this_account_alone() {
    let app = TestApp::start().await;
    let (_, _, passkey) = equipped(&app, "ada").await;
    equipped(&app, "bob").await;
    let asked = asked_after_password(&app, &challenged(&app, "ada").await).await;
    let known = json!([{ "type": "public-key", "id": BASE64.encode(&passkey.id) }]);
    assert_eq!(asked["publicKey"]["allowCredentials"], known);
    assert!(asked.get("ticket").is_none(), "the challenge is the ticket: {asked}");
}

#[tokio::test]
async fn an_account_whose_passkeys_are_gone_is_asked_for_none() {
    let app = TestApp::start().await;
    equipped(&app, "ada").await;
    let token = challenged(&app, "ada").await;
    app.execute("DELETE FROM passkeys").await;
    app.nobody().post("/auth/mfa/passkey/options", json!({ "mfa_token": token })).await.is(409, "no_passkey");
}
