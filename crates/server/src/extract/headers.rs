//! What headers say.

use std::fmt::Display;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use problem::{Language, Problem, codes};

use crate::Refusal;
use crate::extract::header;

/// The version that the caller means to change (`If-Match`), where it says one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfMatch(Option<String>);

/// The `Idempotency-Key`, where there is one: 1 to 255 visible characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(pub Option<String>);

/// The language that the caller reads best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lang(pub Language);

impl IfMatch {
    /// Fine unless the caller means another version than this one: then 412. Of a tag like `"7.a1b2"` the part before
    /// the point is the version; the rest tells apart what else the view shows and an edit does not touch.
    pub fn allows(&self, version: impl Display) -> Result<(), Problem> {
        let Some(wanted) = &self.0 else { return Ok(()) };
        let (current, beginning) = (format!("\"{version}\""), format!("\"{version}."));
        // A weak tag never matches here (RFC 9110 §13.1.1).
        let meant =
            wanted.split(',').map(str::trim).any(|tag| tag == "*" || tag == current || tag.starts_with(&beginning));
        if meant { Ok(()) } else { Err(Problem::new(&codes::STALE)) }
    }

    /// Whether the caller says a version at all.
    pub fn is_given(&self) -> bool {
        self.0.is_some()
    }
}

impl FromRequest for IfMatch {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // One that is no text names no version, and is not the same as none.
        let given = request.headers().get("if-match").map(|given| given.to_str().unwrap_or_default().to_owned());
        ready(Ok(Self(given)))
    }
}

impl FromRequest for IdempotencyKey {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(given) = request.headers().get("idempotency-key") else { return ready(Ok(Self(None))) };
        let key = given.to_str().ok().map(str::trim);
        let key = key.filter(|key| (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()));
        ready(match key {
            Some(key) => Ok(Self(Some(key.to_owned()))),
            None => Err(Problem::new(&codes::BAD_IDEMPOTENCY_KEY).into()),
        })
    }
}

impl FromRequest for Lang {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(Language::negotiate(header(request, "accept-language")))))
    }
}
