//! Who may do what with passkeys.

use contracts::UserId;
use serde_json::{Value, json};
use testkit::{Access, Actor, Given, TestApp};

use super::{Seen, credentials_of};
use crate::passkeys::authenticator::{Device, Passkey};
use crate::passkeys::{asked, passkey_of};

/// A passkey of the owner, which no device has.
async fn passkey_row(app: &TestApp<Seen>, user: UserId) -> String {
    use diesel_async::SimpleAsyncConnection;
    let id = contracts::EventId::at(app.clock.now()).to_string();
    let passkey = format!(
        "INSERT INTO passkeys (id, user_id, credential_id, credential, name, backed_up, created_at)
         VALUES ('{id}', '{user}', decode(replace('{id}', '-', ''), 'hex'), '{{}}', 'Portable', false, '2026-01-01Z')"
    );
    app.db().conn().await.unwrap().batch_execute(&passkey).await.unwrap();
    id
}

/// A passkey that the owner's device has.
async fn shown_by(owner: &Actor) -> (Device, Passkey) {
    let device = Device::honest();
    let passkey = passkey_of(owner, &device).await;
    (device, passkey)
}

/// What the owner is asked by after the password.
async fn challenge_of(app: &TestApp<Seen>, owner: &Actor) -> Value {
    let credentials = credentials_of(app, owner.id).await;
    let login = app.nobody().post("/auth/login", credentials).await;
    json!({ "mfa_token": login.json()["mfa_token"] })
}

fn answered(asked: &Value, credential: &Value) -> Given {
    Given::nothing().body(json!({ "ticket": asked["ticket"], "credential": credential }))
}

/// The rows of passkeys.
pub fn alone(access: Access<Seen>) -> Access<Seen> {
    access
        .row("begin_passkey", [401, 200, 200, 200, 200])
        .row_given("add_passkey", [401, 401, 201, 401, 401], |_, owner| async move {
            let asked = asked(&owner, "/auth/passkeys/options").await;
            answered(&asked, &Device::honest().makes(&asked).1)
        })
        .row("list_passkeys", [401, 200, 200, 200, 200])
        .row_given("rename_passkey", [401, 404, 200, 404, 404], |app, owner| async move {
            Given::nothing().path("id", passkey_row(&app, owner.id).await).body(json!({ "name": "Téléphone" }))
        })
        // The owner's token is of a login without the passkey, which is not enough to take one away.
        .row_given("remove_passkey", [401, 404, 401, 404, 404], |app, owner| async move {
            Given::nothing().path("id", passkey_row(&app, owner.id).await)
        })
        .row("begin_passkey_login", [200; 5])
        .row_given("log_in_by_passkey", [200; 5], |app, owner| async move {
            let (device, mut passkey) = shown_by(&owner).await;
            let asked = asked(&app.nobody(), "/auth/passkeys/login/options").await;
            answered(&asked, &device.shows(&mut passkey, &asked))
        })
}

/// The rows of passkeys that are shown beside something else.
pub fn again(access: Access<Seen>) -> Access<Seen> {
    access
        .row_given("begin_passkey_factor", [200; 5], |app, owner| async move {
            shown_by(&owner).await;
            Given::nothing().body(challenge_of(&app, &owner).await)
        })
        .row_given("verify_passkey_factor", [200; 5], |app, owner| async move {
            let (device, mut passkey) = shown_by(&owner).await;
            let mut body = challenge_of(&app, &owner).await;
            let asked = app.nobody().post("/auth/mfa/passkey/options", body.clone()).await.json();
            body["credential"] = device.shows(&mut passkey, &asked);
            Given::nothing().body(body)
        })
        .row_given("begin_passkey_step_up", [401, 409, 200, 409, 409], |app, owner| async move {
            passkey_row(&app, owner.id).await;
            Given::nothing()
        })
        .row_given("step_up_by_passkey", [401, 401, 200, 401, 401], |_, owner| async move {
            let (device, mut passkey) = shown_by(&owner).await;
            let asked = asked(&owner, "/auth/step-up/passkey/options").await;
            answered(&asked, &device.shows(&mut passkey, &asked))
        })
}
