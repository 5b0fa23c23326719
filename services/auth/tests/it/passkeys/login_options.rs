//! POST /auth/passkeys/login/options.

use reqwest::Method;
use serde_json::json;

use super::{asked, equipped};
use crate::support::TestApp;

const PATH: &str = "/auth/passkeys/login/options";

#[tokio::test]
async fn everybody_is_asked_for_any_passkey_and_learns_of_none() {
    let app = TestApp::start().await;
    let (ada, ..) = equipped(&app, "ada").await;
    app.nobody().call(Method::POST, PATH).await.has_status(200);
    for who in [&app.nobody(), &ada.actor] {
        let options = asked(who, PATH).await["publicKey"].clone();
        assert_eq!((&options["allowCredentials"], &options["rpId"]), (&json!([]), &json!("localhost")));
        assert_eq!(options["userVerification"], "required");
    }
    let (first, second) = (asked(&app.nobody(), PATH).await, asked(&app.nobody(), PATH).await);
    assert_ne!(first["publicKey"]["challenge"], second["publicKey"]["challenge"]);
    assert_ne!(first["ticket"], second["ticket"]);
}
