//! What came back, and what a test may say of it.

use std::fmt;

use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::redact::redacted;

/// What the service answered.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    what: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn new(what: String, status: u16, headers: HeaderMap, body: Vec<u8>) -> Self {
        Self { status, what, headers, body }
    }

    /// It is this refusal, in the one form that refusals have.
    #[track_caller]
    pub fn is(&self, status: u16, code: &str) -> &Self {
        assert_eq!((self.status, self.code().as_deref()), (status, Some(code)), "{self:?}");
        let form = self.header("content-type");
        assert_eq!(form, Some("application/problem+json"), "{self:?}");
        self
    }

    /// It has this status.
    #[track_caller]
    pub fn has_status(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// It is not a refusal.
    #[track_caller]
    pub fn is_fine(&self) -> &Self {
        assert!((200..300).contains(&self.status), "{self:?}");
        self
    }

    /// Among the field errors is this one.
    #[track_caller]
    pub fn names(&self, pointer: &str, code: &str) -> &Self {
        let errors = self.json()["errors"].clone();
        let there =
            errors.as_array().is_some_and(|all| all.iter().any(|e| e["pointer"] == pointer && e["code"] == code));
        assert!(there, "{pointer} {code} is not among the errors of {self:?}");
        self
    }

    /// The `code` of a refusal.
    pub fn code(&self) -> Option<String> {
        serde_json::from_slice::<Value>(&self.body).ok()?.get("code")?.as_str().map(str::to_owned)
    }

    /// Its JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("no JSON ({e}): {self:?}"))
    }

    /// Its JSON as a value.
    #[track_caller]
    pub fn read<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("not what was expected ({e}): {self:?}"))
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// Its text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The id of what it shows.
    #[track_caller]
    pub fn id<T: std::str::FromStr>(&self) -> T {
        let json = self.json();
        let id = json["id"].as_str().and_then(|id| id.parse().ok());
        id.unwrap_or_else(|| panic!("no such id in {self:?}"))
    }

    /// Its JSON for a snapshot: ids numbered in the order they appear, what differs from run to run named.
    #[track_caller]
    pub fn snapshot(&self) -> Value {
        redacted(&self.json())
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} was answered {}", self.what, self.status)?;
        for (name, value) in &self.headers {
            writeln!(f, "  {name}: {}", value.to_str().unwrap_or("?"))?;
        }
        f.write_str(&self.text())
    }
}
