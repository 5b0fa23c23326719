//! People with accounts, made through the gateway as clients would.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::fleet::Fleet;

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Person {
    pub id: String,
    pub email: String,
    pub access: String,
}

/// The one password of all of them.
pub const PASSWORD: &str = "tulipe-marée-47-cobalt";

/// So many people, those of an earlier run first.
pub async fn sign_up(fleet: &Fleet, wanted: usize) -> Vec<Person> {
    let mut people = Vec::new();
    for n in 0..wanted {
        let email = format!("bench{n}@example.org");
        if let Some(person) = sign_in(fleet, &email).await {
            people.push(person);
            continue;
        }
        let body = json!({ "email": email, "password": PASSWORD, "username": format!("bench{n}"), "full_name": format!("Banc {n}") });
        let made = fleet.http.post(fleet.url("/api/v1/auth/register")).json(&body).send().await.unwrap();
        assert_eq!(made.status(), 201, "{}", made.text().await.unwrap());
        let token = letter(fleet, &email);
        let verified = fleet
            .http
            .post(fleet.url("/api/v1/auth/verify-email"))
            .json(&json!({ "token": token }))
            .send()
            .await
            .unwrap();
        assert_eq!(verified.status(), 200);
        people.push(sign_in(fleet, &email).await.expect("a new account signs in"));
    }
    people
}

async fn sign_in(fleet: &Fleet, email: &str) -> Option<Person> {
    let body = json!({ "email": email, "password": PASSWORD });
    let answer = fleet.http.post(fleet.url("/api/v1/auth/login")).json(&body).send().await.unwrap();
    if answer.status() != 200 {
        return None;
    }
    let session: Value = answer.json().await.unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Some(Person { id: text(&session["user"]["id"]), email: email.to_owned(), access: text(&session["access_token"]) })
}

/// The token in the mail to an address. The mail is read as it lies in the folder: the token has only letters, digits,
/// `-` and `_`, which no encoding of mails changes but by folding the line.
fn letter(fleet: &Fleet, email: &str) -> String {
    let begun = Instant::now();
    loop {
        for file in std::fs::read_dir(fleet.mail_dir()).unwrap().flatten() {
            let text = std::fs::read_to_string(file.path()).unwrap_or_default();
            if text.contains(email) {
                let text = text.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=");
                if let Some((_, after)) = text.split_once("token=") {
                    return after.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
                }
            }
        }
        assert!(begun.elapsed() < Duration::from_secs(15), "no mail to {email}");
        std::thread::yield_now();
    }
}
