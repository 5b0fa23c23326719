//! Back in without the password; another password; another address.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::json;

use crate::fleet::Fleet;
use crate::mail::{self, SIGN_UP};
use crate::person::{PASSWORD, Person, fresh, send};
use crate::revocation::refused_everywhere;

/// As long as [`PASSWORD`], and another.
const ANOTHER: &str = "granite-vélo-82-safran";

async fn signs_in(person: &Person<'_>, email: &str, password: &str) -> crate::person::Answer {
    person.post("/auth/login", json!({ "email": email, "password": password })).await
}

pub async fn a_forgotten_password_is_set_anew_and_ends_every_session(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let there = ada.elsewhere().await;
    let stranger = Person::without_account(&fleet, "");
    let known = stranger.post("/auth/forgot-password", json!({ "email": ada.email })).await.is(202);
    let unknown = stranger.post("/auth/forgot-password", json!({ "email": "nobody@example.org" })).await.is(202);
    assert_eq!(known.text, unknown.text);
    let letter = mail::wait_for(&fleet, &ada.email, SIGN_UP + 1).await;
    let page = send(fleet.http.get(letter.link())).await.is(200);
    assert!(page.text.contains("<form") && page.header("cache-control") == "no-store", "{}", page.text);
    let reset = |password: &str| {
        let body = json!({ "token": letter.token(), "new_password": password });
        let stranger = &stranger;
        async move { stranger.post("/auth/reset-password", body).await }
    };
    reset("motdepasse").await.refuses(422, "weak_password");
    let raced = join_all((0..20).map(|_| reset(ANOTHER))).await;
    assert_eq!(raced.iter().filter(|answer| answer.status == 204).count(), 1, "{raced:?}");
    for late in raced.into_iter().filter(|answer| answer.status != 204) {
        assert!([400, 429, 503].contains(&late.status), "{late:?}");
    }
    for gone in [&ada, &there] {
        refused_everywhere(gone).await;
        gone.post("/auth/refresh", json!({ "refresh_token": gone.refresh })).await.is(401);
    }
    signs_in(&stranger, &ada.email, PASSWORD).await.refuses(401, "invalid_credentials");
    signs_in(&stranger, &ada.email, ANOTHER).await.is(200);
    mail::wait_for(&fleet, &ada.email, SIGN_UP + 2).await; // the owner is told
}

pub async fn a_changed_password_ends_the_other_sessions(fleet: Arc<Fleet>) {
    let here = Person::new(&fleet).await;
    let there = here.elsewhere().await;
    let change = async |current: &str, new: &str| {
        here.post("/auth/change-password", json!({ "current_password": current, "new_password": new })).await
    };
    change("pas-le-bon-mot", ANOTHER).await.refuses(401, "invalid_credentials");
    change(PASSWORD, PASSWORD).await.refuses(422, "weak_password");
    change(PASSWORD, ANOTHER).await.is(204);
    refused_everywhere(&there).await;
    here.get("/users/me").await.is(200);
    signs_in(&here, &here.email, ANOTHER).await.is(200);
    mail::wait_for(&fleet, &here.email, SIGN_UP + 1).await;
}

pub async fn a_changed_address_is_proven_and_told_to_both(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let bob = Person::new(&fleet).await;
    let new = format!("{}@example.org", fresh("new"));
    let ask = async |email: &str| {
        ada.post("/auth/change-email", json!({ "new_email": email, "password": PASSWORD })).await.is(202).text
    };
    assert_eq!(ask(&new).await, ask(&bob.email).await, "whether an address is taken is told to its owner alone");
    mail::wait_for(&fleet, &bob.email, SIGN_UP + 1).await;
    mail::wait_for(&fleet, &ada.email, SIGN_UP + 2).await;
    // The second wish made the link of the first void.
    let void = mail::wait_for(&fleet, &new, 1).await;
    ada.post("/auth/change-email/confirm", json!({ "token": void.token() })).await.refuses(400, "token_invalid");
    ask(&new).await;
    let letter = mail::wait_for(&fleet, &new, 2).await;
    send(fleet.http.get(letter.link())).await.is(200);
    let stranger = Person::without_account(&fleet, "");
    let confirmed =
        stranger.post("/auth/change-email/confirm", json!({ "token": letter.token() })).await.is(200).json();
    assert_eq!(confirmed["email"], new);
    mail::wait_for(&fleet, &new, 3).await;
    mail::wait_for(&fleet, &ada.email, SIGN_UP + 4).await;
    assert_eq!(ada.get("/auth/me").await.is(200).json()["email"], new);
    signs_in(&stranger, &ada.email, PASSWORD).await.refuses(401, "invalid_credentials");
    signs_in(&stranger, &new, PASSWORD).await.is(200);
}
