//! GET /auth/passkeys.

use serde_json::{Value, json};

use super::authenticator::Device;
use super::{enters, equipped, later, passkey_of};
use crate::support::TestApp;

#[tokio::test]
async fn an_owner_sees_the_own_ones_the_oldest_first_and_no_keys() {
    let app = TestApp::start().await;
    app.nobody().get("/auth/passkeys").await.is(401, "unauthenticated");
    let (ada, device, mut passkey) = equipped(&app, "ada").await;
    equipped(&app, "bob").await;
    later(&app);
    passkey_of(&ada.actor, &Device { synced: true, ..device.clone() }).await;
    enters(&app, &device, &mut passkey).await.has_status(200);
    let mut list = ada.actor.get("/auth/passkeys").await.has_status(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    for n in 0..2 {
        list["items"][n]["id"] = Value::Null;
    }
    let both = json!([
        {
            "id": null, "name": "Passkey", "backed_up": false, "created_at": "2026-01-13T09:30:00Z",
            "last_used_at": "2026-01-13T09:30:01Z",
        },
        {
            "id": null, "name": "Passkey", "backed_up": true, "created_at": "2026-01-13T09:30:01Z",
            "last_used_at": null,
        },
    ]);
    assert_eq!(list["items"], both);
}
