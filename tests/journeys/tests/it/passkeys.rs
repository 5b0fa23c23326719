//! Passkeys, made and shown by a real browser.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::fleet::Fleet;
use crate::mail::{self, SIGN_UP};
use crate::person::{Answer, PASSWORD, Person};
use crate::revocation::refused_everywhere;

/// A page of ours, as browsers have to be told of this machine: passkeys belong to names.
fn page(url: &str) -> String {
    url.replace("127.0.0.1", "localhost")
}

/// Asks at `path` and has the browser show a passkey; with what the answer goes back with.
async fn shown(browser: &Browser, person: &Person<'_>, path: &str, body: Value) -> Value {
    let mut asked = person.post(path, body.clone()).await.is(200).json();
    let credential = browser.shows(&asked["publicKey"]).await.expect("a passkey is shown");
    let mut back = body;
    back["credential"] = credential;
    if asked["ticket"].is_string() {
        back["ticket"] = asked["ticket"].take();
    }
    back
}

/// Gives the account a passkey; the session goes on.
async fn adds(browser: &Browser, person: &mut Person<'_>) -> String {
    let asked = person.post("/auth/passkeys/options", json!({})).await.is(200).json();
    let credential = browser.makes(&asked["publicKey"]).await.expect("a passkey is made");
    let body = json!({ "ticket": asked["ticket"], "name": "Chromium", "credential": credential });
    let added = person.post("/auth/passkeys", body).await.is(201).json();
    person.access = added["session"]["access_token"].as_str().unwrap().to_owned();
    format!("/auth/passkeys/{}", added["id"].as_str().unwrap())
}

/// Shows the password, and is asked for the passkey.
async fn challenged(person: &Person<'_>) -> Value {
    let stranger = Person::without_account(person.fleet, "");
    let login = json!({ "email": person.email, "password": PASSWORD });
    let asked = stranger.post("/auth/login", login).await.refuses(401, "mfa_required").json();
    assert_eq!(asked["methods"], json!(["passkey"]));
    json!({ "mfa_token": asked["mfa_token"] })
}

/// The session that was opened is this person's.
async fn is_of(person: &Person<'_>, answer: Answer) {
    let session = answer.is(200).json();
    assert_eq!(session["user"]["id"], person.id.as_str());
    let access = session["access_token"].as_str().unwrap().to_owned();
    Person { access, ..person.clone() }.get("/users/me").await.is(200);
}

pub async fn a_browser_makes_one_and_enters_by_it(fleet: Arc<Fleet>) {
    let browser = Browser::open().await;
    browser.visits(&page(&fleet.url("/api/v1/auth/verify-email?token=none"))).await;
    let mut ada = Person::new(&fleet).await;
    let there = ada.elsewhere().await;
    let passkey = adds(&browser, &mut ada).await;
    refused_everywhere(&there).await;
    let told = mail::wait_for(&fleet, &ada.email, SIGN_UP + 1).await;
    assert_eq!(told.subject, "Une clé d'accès a été ajoutée à votre compte");
    let again = ada.post("/auth/passkeys/options", json!({})).await.is(200).json();
    assert_eq!(browser.makes(&again["publicKey"]).await, Err("InvalidStateError".into()), "the device has one already");

    let stranger = Person::without_account(&fleet, "");
    let second = shown(&browser, &stranger, "/auth/mfa/passkey/options", challenged(&ada).await).await;
    is_of(&ada, stranger.post("/auth/mfa/passkey", second.clone()).await).await;
    stranger.post("/auth/mfa/passkey", second).await.refuses(401, "mfa_invalid");

    let alone = shown(&browser, &stranger, "/auth/passkeys/login/options", json!({})).await;
    is_of(&ada, stranger.post("/auth/passkeys/login", alone.clone()).await).await;
    stranger.post("/auth/passkeys/login", alone).await.refuses(401, "passkey_refused");

    let proof = shown(&browser, &ada, "/auth/step-up/passkey/options", json!({})).await;
    let stepped = ada.post("/auth/step-up/passkey", proof).await.is(200).json();
    ada.access = stepped["access_token"].as_str().unwrap().to_owned();
    ada.delete(&passkey).await.is(204);
    mail::wait_for(&fleet, &ada.email, SIGN_UP + 2).await;
    let gone = shown(&browser, &stranger, "/auth/passkeys/login/options", json!({})).await;
    stranger.post("/auth/passkeys/login", gone).await.refuses(401, "passkey_refused");
    ada.sign_in().await;
    let events = ada.get("/auth/security-events?limit=100").await.is(200).text;
    for kind in ["passkey_added", "logged_in", "stepped_up", "passkey_removed"] {
        assert!(events.contains(kind), "{kind}: {events}");
    }
}

pub async fn a_page_of_another_origin_gets_nobody_in(fleet: Arc<Fleet>) {
    let browser = Browser::open().await;
    let ours = page(&fleet.url("/api/v1/auth/verify-email?token=none"));
    browser.visits(&ours).await;
    let mut ada = Person::new(&fleet).await;
    adds(&browser, &mut ada).await;
    let stranger = Person::without_account(&fleet, "");

    // Another port is another origin, to which a browser shows the passkey all the same: it is refused here.
    browser.visits(&page(&format!("{}/health/live", fleet.part("posts").url))).await;
    let stolen = shown(&browser, &stranger, "/auth/passkeys/login/options", json!({})).await;
    stranger.post("/auth/passkeys/login", stolen).await.refuses(401, "passkey_refused");
    let events = ada.get("/auth/security-events?limit=1").await.is(200).json();
    let last = &events["items"][0];
    assert_eq!((&last["kind"], &last["reason"]), (&json!("login_failed"), &json!("other_origin")), "{events}");

    // Another site is not even shown it.
    browser.visits(&fleet.url("/api/v1/auth/verify-email?token=none")).await;
    let asked = stranger.post("/auth/passkeys/login/options", json!({})).await.is(200).json();
    assert_eq!(browser.shows(&asked["publicKey"]).await, Err("SecurityError".into()));

    browser.visits(&ours).await;
    let honest = shown(&browser, &stranger, "/auth/passkeys/login/options", json!({})).await;
    is_of(&ada, stranger.post("/auth/passkeys/login", honest).await).await;
}
