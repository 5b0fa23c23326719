//! A code beside the password: turned on, asked for, stood in for, turned off.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};

use crate::fleet::Fleet;
use crate::mail::{self, SIGN_UP};
use crate::person::{Answer, PASSWORD, Person};
use crate::revocation::refused_everywhere;

const STEP_SECS: u64 = 30;

/// The app on the owner's telephone.
pub struct App {
    totp: Totp,
    /// The step of the last code that it gave.
    last: u64,
}

impl App {
    /// The app that this secret was typed into.
    fn with(secret: &Value) -> Self {
        let secret = Secret::try_from_base32(secret.as_str().unwrap()).unwrap();
        Self { totp: Builder::new().with_secret(secret).build().unwrap(), last: 0 }
    }

    /// A code that was not given before and is good now: of the step before this one, this one, or the one behind it.
    pub fn code(&mut self) -> String {
        let now = u64::try_from(Timestamp::now().as_second()).unwrap() / STEP_SECS;
        self.last = (self.last + 1).max(now - 1);
        assert!(self.last <= now + 1, "more codes than a clock that is half a minute off has");
        self.totp.generate(self.last * STEP_SECS).to_string()
    }
}

/// Turns on an app; the session goes on. Answers the recovery codes as well.
pub async fn turns_on(person: &mut Person<'_>) -> (App, Vec<String>) {
    let enrolled = person.post("/auth/mfa/totp", json!({})).await.is(201).json();
    assert!(enrolled["otpauth_uri"].as_str().unwrap().starts_with("otpauth://totp/Jolmood:"), "{enrolled}");
    let mut app = App::with(&enrolled["secret"]);
    let on = person.post("/auth/mfa/totp/confirm", json!({ "code": app.code() })).await.is(200).json();
    person.access = on["session"]["access_token"].as_str().unwrap().to_owned();
    let codes = on["recovery_codes"].as_array().unwrap();
    (app, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

/// Shows the password, and is asked for more.
async fn challenged(person: &Person<'_>) -> String {
    let stranger = Person::without_account(person.fleet, "");
    let login = json!({ "email": person.email, "password": PASSWORD });
    let asked = stranger.post("/auth/login", login).await.refuses(401, "mfa_required").json();
    assert_eq!(asked["methods"], json!(["totp", "recovery_code"]));
    asked["mfa_token"].as_str().unwrap().to_owned()
}

async fn shows(person: &Person<'_>, token: &str, code: &str) -> Answer {
    let stranger = Person::without_account(person.fleet, "");
    stranger.post("/auth/mfa/verify", json!({ "mfa_token": token, "code": code })).await
}

pub async fn a_code_is_asked_for_until_it_is_turned_off(fleet: Arc<Fleet>) {
    let mut ada = Person::new(&fleet).await;
    let there = ada.elsewhere().await;
    let before = ada.clone();
    let (mut app, _) = turns_on(&mut ada).await;
    refused_everywhere(&there).await;
    let told = mail::wait_for(&fleet, &ada.email, SIGN_UP + 1).await;
    assert_eq!(told.subject, "Votre compte demande désormais un code");
    let (token, code) = (challenged(&ada).await, app.code());
    let raced = join_all((0..20).map(|_| shows(&ada, &token, &code))).await;
    assert_eq!(raced.iter().filter(|answer| answer.status == 200).count(), 1, "{raced:?}");
    let token = challenged(&ada).await;
    shows(&ada, &token, &code).await.refuses(401, "wrong_code");
    before.delete("/auth/mfa/totp").await.refuses(401, "step_up_required");
    let alone = ada.post("/auth/step-up", json!({ "password": PASSWORD })).await.refuses(401, "step_up_required");
    assert!(alone.header("www-authenticate").contains("insufficient_user_authentication"), "{:?}", alone.headers);
    let stepped = ada.post("/auth/step-up", json!({ "code": app.code() })).await.is(200).json();
    ada.access = stepped["access_token"].as_str().unwrap().to_owned();
    ada.get("/users/me").await.is(200);
    ada.delete("/auth/mfa/totp").await.is(204);
    let told = mail::wait_for(&fleet, &ada.email, SIGN_UP + 2).await;
    assert_eq!(told.subject, "Votre compte demande une preuve de moins");
    ada.sign_in().await;
    let events = ada.get("/auth/security-events?limit=100").await.is(200).text;
    for kind in ["mfa_enabled", "login_failed", "stepped_up", "mfa_disabled"] {
        assert!(events.contains(kind), "{kind}: {events}");
    }
}

pub async fn a_recovery_code_stands_in_for_a_lost_app(fleet: Arc<Fleet>) {
    let mut ada = Person::new(&fleet).await;
    let (_lost, codes) = turns_on(&mut ada).await;
    assert_eq!(codes.len(), 10);
    mail::wait_for(&fleet, &ada.email, SIGN_UP + 1).await;
    let token = challenged(&ada).await;
    let session = shows(&ada, &token, &codes[0]).await.is(200).json();
    ada.access = session["access_token"].as_str().unwrap().to_owned();
    let told = mail::wait_for(&fleet, &ada.email, SIGN_UP + 2).await;
    assert!(told.text.contains("Codes restants : 9."), "{told:?}");
    shows(&ada, &challenged(&ada).await, &codes[0]).await.refuses(401, "wrong_code");
    let renewed = ada.post("/auth/mfa/recovery-codes", json!({})).await.is(200).json();
    assert_eq!(ada.get("/auth/mfa").await.is(200).json()["recovery_codes"], 10);
    mail::wait_for(&fleet, &ada.email, SIGN_UP + 3).await;
    shows(&ada, &challenged(&ada).await, &codes[1]).await.refuses(401, "wrong_code");
    let new = renewed["recovery_codes"][0].as_str().unwrap();
    shows(&ada, &challenged(&ada).await, new).await.is(200);
}
