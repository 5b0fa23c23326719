//! From nothing to an account, and what strangers learn on the way.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::fleet::Fleet;
use crate::mail;
use crate::person::{DIALECTS, PASSWORD, Person, fresh, registration, send};

/// Register, mail, verify, sign in, write, like, comment: in each dialect the same answers but for what is the person's own.
pub async fn in_every_dialect_with_equal_answers(fleet: Arc<Fleet>) {
    let mut walks = Vec::new();
    for dialect in DIALECTS {
        walks.push(walk(&fleet, dialect).await);
    }
    assert_eq!(walks[0], walks[1], "/api/v1 and /api");
    assert_eq!(walks[0], walks[2], "/api/v1 and the bare paths");
}

async fn walk(fleet: &Fleet, dialect: &'static str) -> Vec<(u16, Value)> {
    let mut seen = Vec::new();
    let name = fresh("eve");
    let mut ada = Person { dialect, ..Person::without_account(fleet, format!("{name}@example.org")) };
    let registered = ada.post("/auth/register", registration(&name)).await;
    seen.push(("register", registered.is(201)));
    seen.push((
        "too early",
        ada.post("/auth/login", json!({ "email": ada.email, "password": PASSWORD }))
            .await
            .refuses(403, "email_not_verified"),
    ));
    let letter = mail::wait_for(fleet, &ada.email, 1).await;
    assert!(!letter.html.is_empty() && letter.subject.chars().count() > 5, "{letter:?}");
    seen.push(("verify", ada.post("/auth/verify-email", json!({ "token": letter.token() })).await.is(200)));
    let session = ada.sign_in().await;
    assert_eq!((session["token_type"].as_str(), session["expires_in"].as_u64()), (Some("bearer"), Some(1_800)));
    mail::wait_for(fleet, &ada.email, 2).await; // welcome
    seen.push(("me", ada.get("/auth/me").await.is(200)));
    seen.push(("profile", ada.get("/users/me").await.is(200)));
    let post = ada.post("/posts", json!({ "body": "Bonjour à tous" })).await.is(201);
    let path = format!("/posts/{}", post.json()["id"].as_str().unwrap());
    seen.push(("post", post));
    seen.push(("like", ada.set(&format!("{path}/like")).await.is(204)));
    seen.push(("comment", ada.post(&format!("{path}/comments"), json!({ "body": "Bien dit" })).await.is(201)));
    seen.push(("read", ada.get(&path).await.is(200)));
    seen.push(("comments", ada.get(&format!("{path}/comments")).await.is(200)));
    seen.push(("unknown", ada.get("/posts/01970000-0000-7000-8000-0000000000ff").await.refuses(404, "not_found")));
    seen.push(("refresh", ada.post("/auth/refresh", json!({ "refresh_token": ada.refresh })).await.is(200)));
    seen.push(("sign out", ada.post("/auth/logout", json!({})).await.is(204)));
    seen.into_iter().map(|(_, answer)| (answer.status, impersonal(&answer.text))).collect()
}

/// An answer without what is this person's and this moment's own.
fn impersonal(text: &str) -> Value {
    fn blank(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members.iter_mut() {
                    let own = ["id", "email", "username", "token", "time", "_at", "updated", "created", "instance"];
                    if value.is_string() && own.iter().any(|part| name.contains(part)) {
                        *value = json!("…");
                    } else {
                        blank(value);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(blank),
            _ => {}
        }
    }
    let mut value = serde_json::from_str(text).unwrap_or(Value::Null);
    blank(&mut value);
    value
}

pub async fn a_taken_address_is_told_to_its_owner_alone(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let before = mail::wait_for(&fleet, &ada.email, 2).await;
    assert!(before.text.len() > 20);
    let mut again = registration(&fresh("mal"));
    again["email"] = json!(ada.email);
    let stranger = Person { access: String::new(), ..ada.clone() };
    let answer = stranger.post("/auth/register", again).await.is(201).json();
    let fresh_one = stranger.post("/auth/register", registration(&fresh("neu"))).await.is(201).json();
    let members = |value: &Value| value["user"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(members(&answer), members(&fresh_one));
    assert_ne!(answer["user"]["id"].as_str().unwrap(), ada.id, "the id of the account would tell that there is one");
    mail::wait_for(&fleet, &ada.email, 3).await; // its owner is told
}

/// Mail scanners open links: only the button on the page, a POST, may use the token up.
pub async fn opening_the_link_consumes_nothing(fleet: Arc<Fleet>) {
    let name = fresh("bea");
    let email = format!("{name}@example.org");
    let bea = Person::without_account(&fleet, email.as_str());
    bea.post("/auth/register", registration(&name)).await.is(201);
    let letter = mail::wait_for(&fleet, &email, 1).await;
    for _ in 0..3 {
        let page = send(fleet.http.get(letter.link())).await.is(200);
        assert!(page.header("content-type").starts_with("text/html") && page.text.contains("<form"), "{}", page.text);
        assert_eq!(page.header("cache-control"), "no-store");
    }
    bea.post("/auth/login", json!({ "email": email, "password": PASSWORD })).await.refuses(403, "email_not_verified");
    let pressed =
        send(fleet.http.post(bea.fleet.url("/api/v1/auth/verify-email")).form(&[("token", letter.token())])).await;
    assert!(pressed.status == 200 || pressed.status == 303, "{pressed:?}");
    bea.post("/auth/login", json!({ "email": email, "password": PASSWORD })).await.is(200);
    bea.post("/auth/verify-email", json!({ "token": letter.token() })).await.refuses(400, "token_invalid");
}

pub async fn a_resent_link_works_and_tells_nothing(fleet: Arc<Fleet>) {
    let name = fresh("cleo");
    let email = format!("{name}@example.org");
    let cleo = Person::without_account(&fleet, email.as_str());
    cleo.post("/auth/register", registration(&name)).await.is(201);
    let first = mail::wait_for(&fleet, &email, 1).await;
    let known = cleo.post("/auth/resend-verification", json!({ "email": email })).await.is(202);
    let unknown = cleo.post("/auth/resend-verification", json!({ "email": "nobody@example.org" })).await.is(202);
    assert_eq!(known.text, unknown.text);
    let second = mail::wait_for(&fleet, &email, 2).await;
    assert_ne!(first.token(), second.token());
    cleo.post("/auth/verify-email", json!({ "token": second.token() })).await.is(200);
    assert!(mail::to(&fleet, "nobody@example.org").is_empty());
}
