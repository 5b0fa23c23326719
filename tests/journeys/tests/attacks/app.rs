//! The app on somebody's telephone that shows a code, and the codes for who loses it.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use totp_rs::{Builder, Secret, Totp};

use crate::person::{Answer, Person};
use crate::{canaries, wait};

const STEP_SECS: u64 = 30;

/// An app.
pub struct App {
    totp: Totp,
    /// Ten codes for who loses it, once it is turned on.
    pub recovery_codes: Vec<String>,
}

/// The second of now.
fn now() -> u64 {
    u64::try_from(Timestamp::now().as_second()).unwrap()
}

impl App {
    /// One that knows the account's secret, and is not turned on yet.
    pub async fn enrolled(person: &Person<'_>) -> Self {
        let enrolled = person.post("/auth/mfa/totp", json!({})).await.is(201).json();
        let typed = enrolled["secret"].as_str().unwrap();
        canaries::keep("the secret of an app", typed);
        let secret = Secret::try_from_base32(typed).unwrap();
        Self { totp: Builder::new().with_secret(secret).build().unwrap(), recovery_codes: Vec::new() }
    }

    /// Turns it on by a code; the session goes on.
    pub async fn confirm(&mut self, person: &mut Person<'_>, code: &str) {
        let on = confirmed(person, code).await.is(200).json();
        person.access = on["session"]["access_token"].as_str().unwrap().to_owned();
        let codes = on["recovery_codes"].as_array().unwrap();
        self.recovery_codes = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        self.recovery_codes.iter().for_each(|code| canaries::keep("a recovery code", code));
    }

    /// One that is turned on, by the code of now: the next that is good is [`App::next_code`].
    pub async fn turned_on(person: &mut Person<'_>) -> Self {
        let mut app = Self::enrolled(person).await;
        let code = app.code(0);
        app.confirm(person, &code).await;
        app
    }

    /// The code of so many steps from now.
    pub fn code(&self, away: i64) -> String {
        let step = (now() / STEP_SECS).checked_add_signed(away).unwrap();
        self.totp.generate(step * STEP_SECS).to_string()
    }

    /// The code of the step behind this one. It is good now, and stays so when that begins meanwhile.
    pub fn next_code(&self) -> String {
        self.code(1)
    }

    /// Six digits that are no code of any step around now.
    pub fn wrong_code(&self) -> String {
        let around: Vec<String> = (-3..=3).map(|away| self.code(away)).collect();
        (0..).map(|n| format!("{n:06}")).find(|code| !around.contains(code)).unwrap()
    }
}

/// Somebody wants an app turned on.
pub async fn confirmed(person: &Person<'_>, code: &str) -> Answer {
    person.post("/auth/mfa/totp/confirm", json!({ "code": code })).await
}

/// Waits for the first half of a step: what is made of it is judged in the same step.
pub async fn early_in_a_step() {
    let bound = Duration::from_secs(STEP_SECS);
    wait::until_true("a new step of codes", bound, async || now() % STEP_SECS < STEP_SECS / 2).await;
}
