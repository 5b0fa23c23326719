//! Who takes part. What they keep secret is remembered, since no log may hold it.

use serde_json::json;
use tokio::sync::OnceCell;

use crate::app::App;
use crate::fleet::{self, Fleet};
use crate::mail::{self, Mail, SIGN_UP};
use crate::person::{Answer, PASSWORD, Person};
use crate::{canaries, clock_travel};

/// The tokens of a session that goes on until the end, for checks that change nothing about it.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose.
    pub user: String,
    /// His access token.
    pub access: String,
    /// His refresh token.
    pub refresh: String,
}

/// Somebody with an account, signed in.
pub async fn member(fleet: &Fleet) -> Person<'_> {
    let person = Person::new(fleet).await;
    remember(&person);
    person
}

/// Somebody without an account.
pub fn stranger(fleet: &Fleet) -> Person<'_> {
    Person::without_account(fleet, "")
}

/// Remembers what a person is known by.
pub fn remember(person: &Person<'_>) {
    canaries::keep("a password", PASSWORD);
    canaries::keep("an access token", &person.access);
    canaries::keep("a refresh token", &person.refresh);
}

/// Somebody who does nothing but be there.
pub async fn bystander(fleet: &Fleet) -> &'static Session {
    static SESSION: OnceCell<Session> = OnceCell::const_new();
    let made = || async {
        let person = member(fleet).await;
        Session { user: person.id, access: person.access, refresh: person.refresh }
    };
    SESSION.get_or_init(made).await
}

/// Somebody with a second factor.
pub async fn equipped(fleet: &Fleet) -> (Person<'_>, App) {
    let mut person = member(fleet).await;
    let app = App::turned_on(&mut person).await;
    remember(&person);
    (person, app)
}

/// An administrator with a second factor, who showed it a moment ago.
pub async fn administrator(fleet: &Fleet) -> Person<'_> {
    let mut person = member(fleet).await;
    appoint(&person.email);
    person.sign_in().await;
    App::turned_on(&mut person).await;
    remember(&person);
    person
}

/// Makes an account an administrator's, as the operator does.
pub fn appoint(email: &str) {
    let appointed = fleet::command(&["admin", email]).output().unwrap();
    assert!(appointed.status.success(), "{}", String::from_utf8_lossy(&appointed.stderr));
}

/// Somebody tries to enter.
pub async fn logs_in(fleet: &Fleet, email: &str, password: &str) -> Answer {
    stranger(fleet).post("/auth/login", json!({ "email": email, "password": password })).await
}

/// The password is right, and a second factor is asked for.
pub async fn challenged(person: &Person<'_>) -> String {
    let asked = logs_in(person.fleet, &person.email, PASSWORD).await.refuses(401, "mfa_required").json();
    let token = asked["mfa_token"].as_str().unwrap().to_owned();
    canaries::keep("a challenge", &token);
    token
}

/// Forgets the password; answers the `n`th mail since the account was made.
pub async fn asks_for_reset(fleet: &Fleet, person: &Person<'_>, n: usize) -> Mail {
    stranger(fleet).post("/auth/forgot-password", json!({ "email": person.email })).await.is(202);
    mail::wait_for(fleet, &person.email, SIGN_UP + n).await
}

/// The fleet at another time, until this is dropped.
pub struct Trip;

impl Trip {
    /// From now on.
    pub fn to(when: &str) -> Self {
        clock_travel::travel(when);
        Self
    }
}

impl Drop for Trip {
    fn drop(&mut self) {
        fleet::run(&["travel", "now"]);
    }
}
