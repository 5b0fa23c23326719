//! GET /auth/mfa.

use serde_json::json;

use super::{enters, has_app};
use crate::support::{Deeds, TestApp};

#[tokio::test]
async fn only_who_is_signed_in_sees_the_own_factors() {
    let app = TestApp::start().await;
    app.nobody().get("/auth/mfa").await.is(401, "unauthenticated");
    let ada = has_app(&app, "ada").await;
    let bob = app.signs_in("bob").await;
    let none = json!({ "totp": false, "passkeys": 0, "recovery_codes": 0 });
    assert_eq!(bob.actor.get("/auth/mfa").await.json(), none);
    enters(&app, "ada", &ada.codes[3]).await.has_status(200);
    let left = json!({ "totp": true, "passkeys": 0, "recovery_codes": 9 });
    assert_eq!(ada.signed_in.actor.get("/auth/mfa").await.json(), left);
}
