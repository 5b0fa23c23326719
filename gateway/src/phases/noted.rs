//! One look at a head: everything that some phase asks of it, found in a single pass.

use http::header::{
    ACCEPT_ENCODING, ACCEPT_LANGUAGE, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION,
    CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, EXPECT, FORWARDED, HOST, IF_MATCH, IF_NONE_MATCH, ORIGIN,
    PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::compress;

/// What stands in a head.
#[derive(Default)]
pub(crate) struct Noted<'h> {
    pub(super) host: Option<&'h HeaderValue>,
    pub(super) hosts: u32,
    /// Headers that say how long the body is.
    pub(super) lengths: u32,
    /// A transfer coding other than chunked.
    pub(super) odd_coding: bool,
    /// A body that is encoded.
    pub(super) encoded: bool,
    /// An expectation other than a `100 Continue`.
    pub(super) odd_expectation: bool,
    /// Names and values together.
    pub(super) bytes: usize,
    pub(super) fields: usize,
    pub(super) authorization: Option<&'h HeaderValue>,
    pub(super) authorizations: u32,
    pub(super) origin: Option<&'h HeaderValue>,
    pub(super) languages: Option<&'h HeaderValue>,
    pub(super) request_id: Option<&'h HeaderValue>,
    pub(super) traceparent: Option<&'h HeaderValue>,
    pub(super) asks_method: bool,
    pub(super) asks_headers: Option<&'h HeaderValue>,
    /// Whether it takes a zipped answer.
    pub(super) zip: bool,
    /// Whether something in it is not for a service, or not as it stands.
    pub(super) mixed: bool,
    /// Whether the client waits for a `100 Continue`.
    pub(super) expects: bool,
}

impl<'h> Noted<'h> {
    /// What stands in these headers.
    pub(crate) fn of(headers: &'h HeaderMap) -> Self {
        let mut noted = Self { fields: headers.len(), ..Self::default() };
        for (name, value) in headers {
            noted.bytes += name.as_str().len() + value.len() + 4;
            noted.note(name, value);
        }
        noted
    }

    /// `X-Request-Id`.
    pub(crate) fn request_id(&self) -> Option<&'h str> {
        self.request_id?.to_str().ok()
    }

    /// `traceparent`.
    pub(crate) fn traceparent(&self) -> Option<&'h str> {
        self.traceparent?.to_str().ok()
    }

    /// `Accept-Language`.
    pub(crate) fn languages(&self) -> Option<HeaderValue> {
        self.languages.cloned()
    }

    /// Whether it takes a zipped answer.
    pub(crate) fn takes_zip(&self) -> bool {
        self.zip
    }

    /// Whether something in it is not for a service, or not as it stands.
    pub(crate) fn is_mixed(&self) -> bool {
        self.mixed
    }

    /// Whether the client waits for a `100 Continue`.
    pub(crate) fn expects(&self) -> bool {
        self.expects
    }

    fn note(&mut self, name: &HeaderName, value: &'h HeaderValue) {
        match *name {
            HOST => {
                self.host = Some(value);
                self.hosts += 1;
            }
            AUTHORIZATION => {
                self.authorization = Some(value);
                self.authorizations += 1;
            }
            ORIGIN => self.origin = Some(value),
            ACCEPT_LANGUAGE => self.languages = Some(value),
            ACCEPT_ENCODING => self.zip = compress::is_accepted(value),
            CONTENT_LENGTH => self.lengths += 1,
            TRANSFER_ENCODING => {
                self.lengths += 1;
                self.mixed = true;
                self.odd_coding |= !value.as_bytes().eq_ignore_ascii_case(b"chunked");
            }
            EXPECT => {
                (self.expects, self.mixed) = (true, true);
                self.odd_expectation |= !value.as_bytes().eq_ignore_ascii_case(b"100-continue");
            }
            CONTENT_ENCODING => self.encoded |= !value.as_bytes().eq_ignore_ascii_case(b"identity"),
            ACCESS_CONTROL_REQUEST_METHOD => self.asks_method = true,
            ACCESS_CONTROL_REQUEST_HEADERS => self.asks_headers = Some(value),
            CONNECTION | UPGRADE | TE | TRAILER | FORWARDED | PROXY_AUTHORIZATION | IF_MATCH | IF_NONE_MATCH => {
                self.mixed = true;
            }
            _ => match name.as_str() {
                "x-request-id" => self.request_id = Some(value),
                "traceparent" => self.traceparent = Some(value),
                other => self.mixed |= is_not_theirs(other),
            },
        }
    }
}

/// Whether a header is not a client's to send to a service: about itself, about the way, or about the connection.
pub(super) fn is_not_theirs(name: &str) -> bool {
    let spoofed = |rest: &str| {
        matches!(rest, "real-ip" | "client-ip" | "original-url" | "rewrite-url" | "request-deadline-ms")
            || ["forwarded-", "user-", "internal-", "http-method", "method-override"]
                .iter()
                .any(|p| rest.starts_with(p))
    };
    let about_the_way = match name.as_bytes().first() {
        Some(b'x') => name.strip_prefix("x-").is_some_and(spoofed),
        Some(b'p') => name.starts_with("proxy-"),
        Some(b'e' | b'f' | b'k' | b't') => matches!(name, "expect" | "forwarded" | "keep-alive" | "te" | "trailer"),
        _ => false,
    };
    about_the_way || name.bytes().any(|byte| byte == b'_')
}
