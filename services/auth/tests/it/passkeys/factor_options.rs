//! POST /auth/mfa/passkey/options.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::Answer;

use super::{asked_after_password, challenged, equipped};
use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, TestApp};

const MADE_UP: &str = "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

async fn asks(app: &TestApp, token: &Value) -> Answer {
    app.nobody().post("/auth/mfa/passkey/options", json!({ "mfa_token": token })).await
}

#[tokio::test]
async fn a_challenge_that_lets_nobody_in_any_more_asks_for_nothing() {
    let app = TestApp::start().await;
    let (ada, device, mut passkey) = equipped(&app, "ada").await;
    let used = challenged(&app, "ada").await;
    let asked = asked_after_password(&app, &used).await;
    let shown = json!({ "mfa_token": used, "credential": device.shows(&mut passkey, &asked) });
    app.nobody().post("/auth/mfa/passkey", shown).await.has_status(200);
    asks(&app, &used).await.is(401, "mfa_invalid");
    let late = challenged(&app, "ada").await;
    app.clock.advance(SignedDuration::from_mins(5));
    asks(&app, &late).await.is(401, "mfa_invalid");
    let void = challenged(&app, "ada").await;
    app.changes_password(&ada, PASSWORD, NEW_PASSWORD).await.has_status(204);
    asks(&app, &void).await.is(401, "mfa_invalid");
    app.changes_password(&ada, NEW_PASSWORD, PASSWORD).await.has_status(204);
    let closed = challenged(&app, "ada").await;
    app.execute("UPDATE users SET is_active = false").await;
    asks(&app, &closed).await.is(401, "mfa_invalid");
    assert_eq!(app.count("SELECT count(*) FROM passkey_ceremonies WHERE purpose = 'second_factor'").await, 1);
}

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
