//! What the gateway answers itself.
//!
//! All of it comes from memory: a page never waits for a service. Start with [`page`].

mod docs;
mod health;
pub(crate) mod openapi;
mod problems;
mod security;

#[cfg(test)]
mod tests;

use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use problem::{Language, Problem, codes};

use crate::compress;
use crate::shared::Shared;
use crate::table::Page;
use crate::wire::Outgoing;

pub(crate) use health::{health, is_ready};

/// Answers the page at `path` in a language, zipped where that is worth it and `zip` says that it is taken.
pub(crate) fn page(
    shared: &Shared,
    page: Page,
    path: &str,
    (language, zip): (Language, bool),
) -> Result<Response<Outgoing>, Problem> {
    let last = path.rsplit('/').next().unwrap_or_default();
    let written = match page {
        Page::Live => Written::json(200, "{\"status\":\"healthy\"}"),
        Page::Ready if is_ready(shared) => Written::json(200, "{\"status\":\"healthy\"}"),
        Page::Ready => Written::json(503, "{\"status\":\"unhealthy\"}"),
        Page::Health => {
            let (status, body) = health(shared);
            Written::json(status, body)
        }
        Page::Openapi => Written::json(200, shared.described.document()).cached(60),
        Page::Docs => docs::docs(last).ok_or_else(|| Problem::new(&codes::NOT_FOUND))?,
        Page::Problem => problems::problem(last, language).ok_or_else(|| Problem::new(&codes::NOT_FOUND))?,
        Page::SecurityTxt => security::security_txt(&shared.config.public_url, shared.clock.now()),
    };
    Ok(written.into_answer(zip))
}

/// A page as it was written.
pub(crate) struct Written {
    status: u16,
    kind: HeaderValue,
    body: bytes::Bytes,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Written {
    fn new(status: u16, kind: &'static str, body: impl Into<bytes::Bytes>) -> Self {
        Self { status, kind: HeaderValue::from_static(kind), body: body.into(), headers: Vec::new() }
    }

    fn json(status: u16, body: impl Into<bytes::Bytes>) -> Self {
        let mut written = Self::new(status, "application/json", body);
        written.headers.push((CACHE_CONTROL, HeaderValue::from_static("no-store")));
        written
    }

    fn html(body: String, policy: &'static str) -> Self {
        let mut written = Self::new(200, "text/html; charset=utf-8", body);
        written.headers.push((CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)));
        written
    }

    /// May be kept for so many seconds.
    fn cached(mut self, secs: u32) -> Self {
        self.headers.retain(|(name, _)| *name != CACHE_CONTROL);
        if let Ok(value) = HeaderValue::try_from(format!("public, max-age={secs}")) {
            self.headers.push((CACHE_CONTROL, value));
        }
        self
    }

    fn into_answer(self, zip: bool) -> Response<Outgoing> {
        let size = self.body.len() as u64;
        let mut answer = Response::new(Outgoing::whole(self.body));
        *answer.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        answer.headers_mut().insert(CONTENT_TYPE, self.kind);
        answer.headers_mut().extend(self.headers);
        if zip && compress::worthwhile(answer.headers(), Some(size)) {
            compress::mark(answer.headers_mut());
            return answer.map(Outgoing::zipped);
        }
        answer
    }
}
