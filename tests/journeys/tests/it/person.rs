//! Somebody who uses the fleet as a client application would.

use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::fleet::Fleet;
use crate::mail;

/// The three dialects of every path.
pub const DIALECTS: [&str; 3] = ["/api/v1", "/api", ""];

/// A person with an account.
#[derive(Clone)]
pub struct Person<'f> {
    pub fleet: &'f Fleet,
    pub dialect: &'static str,
    pub id: String,
    pub email: String,
    pub access: String,
    pub refresh: String,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

/// Long enough, in no list, of no one's name.
pub const PASSWORD: &str = "tulipe-marée-47-cobalt";

/// A name nobody else in this run has.
pub fn fresh(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{prefix}{:x}{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {} {:?}", self.status, self.text))
    }

    /// This status, or the journey ends here.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// A refusal of this status and code, in the form that every refusal has.
    #[track_caller]
    pub fn refuses(self, status: u16, code: &str) -> Self {
        let body = self.json();
        assert_eq!((self.status, body["code"].as_str()), (status, Some(code)), "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(body["status"], status);
        for member in ["type", "title", "detail", "instance", "request_id"] {
            assert!(body[member].is_string(), "{member} is missing: {}", self.text);
        }
        self
    }

    /// A header's text; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Sends a request and reads the answer.
pub async fn send(request: RequestBuilder) -> Answer {
    let answer = request.send().await.expect("the gateway answers");
    Answer {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        text: answer.text().await.expect("a whole answer"),
    }
}

/// The body of a registration.
pub fn registration(name: &str) -> Value {
    json!({ "email": format!("{name}@example.org"), "password": PASSWORD, "username": name, "full_name": "Ada Lovelace", "locale": "fr" })
}

impl<'f> Person<'f> {
    /// Signs up, opens the mail, proves the address, signs in; all mails of that have come, so that the next is another's.
    pub async fn new(fleet: &'f Fleet) -> Self {
        Self::in_dialect(fleet, "/api/v1").await
    }

    /// Somebody without an account or a session yet.
    pub fn without_account(fleet: &'f Fleet, email: impl Into<String>) -> Self {
        Self {
            fleet,
            dialect: "/api/v1",
            id: String::new(),
            email: email.into(),
            access: String::new(),
            refresh: String::new(),
        }
    }

    /// Signs up and in, as [`Person::new`] does, in another dialect.
    pub async fn in_dialect(fleet: &'f Fleet, dialect: &'static str) -> Self {
        let name = fresh("ada");
        let mut person = Self { dialect, ..Self::without_account(fleet, format!("{name}@example.org")) };
        let registered = person.post("/auth/register", registration(&name)).await.is(201).json();
        person.id = registered["user"]["id"].as_str().unwrap().to_owned();
        let token = mail::wait_for(fleet, &person.email, 1).await.token();
        person.post("/auth/verify-email", json!({ "token": token })).await.is(200);
        person.sign_in().await;
        // It goes out beside whatever is asked for next, and may come after it.
        mail::wait_for(fleet, &person.email, mail::SIGN_UP).await;
        person
    }

    /// Signs in, and is that session from now on.
    pub async fn sign_in(&mut self) -> Value {
        self.access = String::new();
        let session =
            self.post("/auth/login", json!({ "email": self.email, "password": PASSWORD })).await.is(200).json();
        self.access = session["access_token"].as_str().unwrap().to_owned();
        self.refresh = session["refresh_token"].as_str().unwrap().to_owned();
        session
    }

    /// The same account in another session.
    pub async fn elsewhere(&self) -> Self {
        let mut other = self.clone();
        other.sign_in().await;
        other
    }

    /// A request of this person's.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.fleet.http.request(method, self.fleet.url(&format!("{}{path}", self.dialect)));
        if self.access.is_empty() { request } else { request.bearer_auth(&self.access) }
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PUT, path).json(&body)).await
    }
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PATCH, path).json(&body)).await
    }
    pub async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }
    /// PUT of a bare fact.
    pub async fn set(&self, path: &str) -> Answer {
        send(self.request(Method::PUT, path)).await
    }

    /// Writes a post and answers its path.
    pub async fn has_post(&self, body: &str) -> String {
        let post = self.post("/posts", json!({ "body": body })).await.is(201).json();
        format!("/posts/{}", post["id"].as_str().unwrap())
    }
}
