//! Passkeys, made and shown by a device that is a client like any other.

pub mod authenticator;

mod factor;
mod factor_options;
mod list;
mod login;
mod login_options;
mod options;
mod register;
mod relying_party;
mod remove;
mod rename;
mod rules;
mod step_up;
mod step_up_options;

use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Actor, Answer, Call};

use crate::support::{Deeds, PASSWORD, SignedIn, TestApp};
use authenticator::{Device, Passkey};

/// What somebody's browser is asked at a path.
pub async fn asked(who: &Actor, path: &str) -> Value {
    who.post(path, json!({})).await.has_status(200).json()
}

/// Sends what a browser answered, with the ticket that came with the question.
pub fn answers(who: &Actor, path: &str, asked: &Value, credential: Value) -> Call {
    who.post(path, json!({ "ticket": asked["ticket"], "credential": credential }))
}

/// A new passkey of an account, and what its owner was answered.
pub async fn added_by(who: &Actor, device: &Device) -> (Passkey, Value) {
    let asked = asked(who, "/auth/passkeys/options").await;
    let (passkey, credential) = device.makes(&asked);
    let answer = answers(who, "/auth/passkeys", &asked, credential).await;
    (passkey, answer.has_status(201).json())
}

/// A new passkey of an account.
pub async fn passkey_of(who: &Actor, device: &Device) -> Passkey {
    added_by(who, device).await.0
}

/// Somebody who is signed in, with an honest device and a first passkey: the session counts as one with two factors.
pub async fn equipped(app: &TestApp, name: &str) -> (SignedIn, Device, Passkey) {
    let (who, device) = (app.signs_in(name).await, Device::honest());
    let (passkey, answer) = added_by(&who.actor, &device).await;
    let access = answer["session"]["access_token"].as_str().unwrap().to_owned();
    let actor = app.actor(name, who.id, access.clone());
    (SignedIn { actor, access, ..who }, device, passkey)
}

/// Tries to sign in by a passkey alone.
pub async fn enters(app: &TestApp, device: &Device, passkey: &mut Passkey) -> Answer {
    let asked = asked(&app.nobody(), "/auth/passkeys/login/options").await;
    answers(&app.nobody(), "/auth/passkeys/login", &asked, device.shows(passkey, &asked)).await
}

/// The `mfa_token` of somebody whose password was right.
pub async fn challenged(app: &TestApp, name: &str) -> Value {
    let answer = app.logs_in(name, PASSWORD).await;
    answer.is(401, "mfa_required");
    assert_eq!(answer.json()["methods"], json!(["passkey"]));
    answer.json()["mfa_token"].clone()
}

/// What a browser is asked for such a token.
pub async fn asked_after_password(app: &TestApp, token: &Value) -> Value {
    app.nobody().post("/auth/mfa/passkey/options", json!({ "mfa_token": token })).await.has_status(200).json()
}

/// What last happened to the safety of an account, and why. Nothing else may have happened in that second.
pub async fn last_noted(who: &Actor) -> (String, String) {
    let page = who.get("/auth/security-events?limit=1").await.has_status(200).json();
    let text = |name: &str| page["items"][0][name].as_str().unwrap_or_default().to_owned();
    (text("kind"), text("reason"))
}

/// A moment passes.
pub fn later(app: &TestApp) {
    app.clock.advance(SignedDuration::from_secs(1));
}

/// How many of them were answered so.
pub fn with_status(all: &[Answer], status: u16) -> usize {
    all.iter().filter(|answer| answer.status == status).count()
}
