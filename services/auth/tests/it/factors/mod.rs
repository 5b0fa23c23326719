//! Second factors.

mod confirm;
mod disable;
mod enrol;
mod proof;
mod renew_codes;
mod rules;
mod show;

use contracts::UserId;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Call};
use totp_rs::{Builder, Secret};

use crate::support::{Deeds, PASSWORD, SignedIn, TestApp};

/// So long a code is shown.
pub const STEP: SignedDuration = SignedDuration::from_secs(30);

/// Somebody whose account asks for a code, and who is signed in.
pub struct Owner {
    pub signed_in: SignedIn,
    /// As before the second factor was turned on.
    pub before: SignedIn,
    /// What the app makes codes of.
    pub secret: String,
    /// The recovery codes.
    pub codes: Vec<String>,
}

impl Owner {
    /// What the app shows at a time.
    pub fn code_at(&self, at: Timestamp) -> String {
        code(&self.secret, at)
    }

    /// What the app shows now.
    pub fn code(&self, app: &TestApp) -> String {
        self.code_at(app.clock.now())
    }

    pub fn id(&self) -> UserId {
        self.signed_in.id
    }
}

/// What an app with this secret shows at a time.
pub fn code(secret: &str, at: Timestamp) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let app = Builder::new().with_secret(secret).build().unwrap();
    app.generate(u64::try_from(at.as_second()).unwrap()).to_string()
}

/// A code that is not shown now, nor just before or after.
pub fn wrong_code(secret: &str, now: Timestamp) -> String {
    let shown: Vec<String> = (-2..=2).map(|steps| code(secret, now + STEP * steps)).collect();
    (0..).map(|n| format!("{n:06}")).find(|code| !shown.contains(code)).unwrap()
}

/// Asks for the secret of an app.
pub async fn enrols(who: &SignedIn) -> Answer {
    who.actor.call(Method::POST, "/auth/mfa/totp").await
}

/// The secret in an answer to that.
#[track_caller]
pub fn secret_of(answer: &Answer) -> String {
    answer.has_status(201);
    answer.json()["secret"].as_str().unwrap().to_owned()
}

pub async fn confirms(who: &SignedIn, code: &str) -> Answer {
    who.actor.post("/auth/mfa/totp/confirm", json!({ "code": code })).await
}

/// The same session with another access token.
pub fn with_access(app: &TestApp, who: &SignedIn, access: &Value) -> SignedIn {
    let access = access.as_str().unwrap().to_owned();
    let actor = app.actor(&who.actor.name, who.id, access.clone());
    SignedIn { actor, access, refresh: who.refresh.clone(), id: who.id }
}

/// The recovery codes in an answer.
pub fn codes_of(answer: &Answer) -> Vec<String> {
    answer.has_status(200);
    let json = answer.json();
    json["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

/// Turns on an app, as somebody who just signed in. The next code is shown already.
pub async fn turns_on(app: &TestApp, before: SignedIn) -> Owner {
    let secret = secret_of(&enrols(&before).await);
    let answer = confirms(&before, &code(&secret, app.clock.now())).await;
    let codes = codes_of(&answer);
    let signed_in = with_access(app, &before, &answer.json()["session"]["access_token"]);
    app.clock.advance(STEP);
    Owner { signed_in, before, secret, codes }
}

/// Somebody new with an app.
pub async fn has_app(app: &TestApp, name: &str) -> Owner {
    let signed_in = app.signs_in(name).await;
    turns_on(app, signed_in).await
}

/// The token of a login that was answered by a challenge.
pub async fn challenged(app: &TestApp, name: &str) -> String {
    let answer = app.logs_in(name, PASSWORD).await;
    answer.is(401, "mfa_required");
    answer.json()["mfa_token"].as_str().unwrap().to_owned()
}

/// Is about to show a code for a challenge.
pub fn shows(app: &TestApp, token: &str, code: &str) -> Call {
    app.nobody().post("/auth/mfa/verify", json!({ "mfa_token": token, "code": code }))
}

/// Signs in with both factors.
pub async fn enters(app: &TestApp, name: &str, code: &str) -> Answer {
    shows(app, &challenged(app, name).await, code).await
}
