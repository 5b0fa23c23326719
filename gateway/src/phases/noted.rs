//! One look at a head: everything that some phase asks of it, found in a single pass.

use http::HeaderMap;

use crate::compress;

/// What stands in a head.
#[derive(Default)]
pub(crate) struct Noted<'h> {
    pub(super) host: Option<&'h [u8]>,
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
    pub(super) authorization: Option<&'h [u8]>,
    pub(super) authorizations: u32,
    pub(super) origin: Option<&'h [u8]>,
    pub(crate) languages: Option<&'h [u8]>,
    pub(crate) request_id: Option<&'h [u8]>,
    pub(crate) traceparent: Option<&'h [u8]>,
    pub(super) asks_method: bool,
    pub(super) asks_headers: Option<&'h [u8]>,
    /// Whether it takes a zipped answer.
    pub(crate) zip: bool,
    /// Whether something in it, beside a `Connection: keep-alive`, is not for a service, or not as it stands.
    pub(crate) mixed: bool,
    /// Whether it has a `Connection: keep-alive`.
    pub(crate) kept_alive: bool,
    /// Whether the client waits for a `100 Continue`.
    pub(crate) expects: bool,
    /// Whether it may have a body: it says a length other than zero, or none that is a number.
    pub(crate) has_body: bool,
}

impl<'h> Noted<'h> {
    /// What stands in these headers.
    pub(crate) fn of_map(headers: &'h HeaderMap) -> Self {
        Self::of(headers.iter().map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes())))
    }

    /// What stands in these headers, whatever the case of their names.
    pub(crate) fn of(headers: impl Iterator<Item = (&'h [u8], &'h [u8])>) -> Self {
        let mut noted = Self::default();
        for (name, value) in headers {
            noted.fields += 1;
            noted.bytes += name.len() + value.len() + 4;
            noted.note(name, value);
        }
        noted
    }

    /// How many headers say how long the body is.
    pub(crate) fn lengths(&self) -> u32 {
        self.lengths
    }

    fn note(&mut self, name: &'h [u8], value: &'h [u8]) {
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        match name.len() {
            4 if is(b"host") => (self.host, self.hosts) = (Some(value), self.hosts + 1),
            6 if is(b"origin") => self.origin = Some(value),
            6 if is(b"expect") => {
                (self.expects, self.mixed) = (true, true);
                self.odd_expectation |= !value.eq_ignore_ascii_case(b"100-continue");
            }
            10 if is(b"connection") && value.eq_ignore_ascii_case(b"keep-alive") => self.kept_alive = true,
            11 if is(b"traceparent") => self.traceparent = Some(value),
            12 if is(b"x-request-id") => self.request_id = Some(value),
            13 if is(b"authorization") => {
                (self.authorization, self.authorizations) = (Some(value), self.authorizations + 1);
            }
            14 if is(b"content-length") => {
                self.lengths += 1;
                self.has_body |= value != b"0";
            }
            15 if is(b"accept-encoding") => self.zip = compress::is_accepted(value),
            15 if is(b"accept-language") => self.languages = Some(value),
            16 if is(b"content-encoding") => self.encoded |= !value.eq_ignore_ascii_case(b"identity"),
            17 if is(b"transfer-encoding") => {
                self.lengths += 1;
                (self.mixed, self.has_body) = (true, true);
                self.odd_coding |= !value.eq_ignore_ascii_case(b"chunked");
            }
            29 if is(b"access-control-request-method") => self.asks_method = true,
            30 if is(b"access-control-request-headers") => self.asks_headers = Some(value),
            8 if is(b"if-match") => self.mixed = true,
            13 if is(b"if-none-match") => self.mixed = true,
            _ => self.mixed |= is_not_theirs(name),
        }
    }
}

/// Whether a header is not a client's to send to a service: about itself, about the way, or about the connection.
pub(super) fn is_not_theirs(name: &[u8]) -> bool {
    let begins = |start: &[u8]| name.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start));
    let one_of = |names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()));
    let about_the_way = match name.first().map(u8::to_ascii_lowercase) {
        Some(b'x') => {
            ["x-forwarded-", "x-user-", "x-internal-", "x-http-method", "x-method-override"]
                .iter()
                .any(|start| begins(start.as_bytes()))
                || one_of(&["x-real-ip", "x-client-ip", "x-original-url", "x-rewrite-url", "x-request-deadline-ms"])
        }
        Some(b'p') => begins(b"proxy-"),
        Some(b'c' | b'e' | b'f' | b'k' | b't' | b'u') => one_of(&[
            "connection",
            "expect",
            "forwarded",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
        ]),
        _ => false,
    };
    about_the_way || name.contains(&b'_')
}
