//! Reading a service's head, and writing the one that the client gets.

use std::mem::MaybeUninit;

use http::Method;
use httparse::{Header, Response, Status};

use super::chunks::Chunks;
use crate::digits::decimal;
use crate::phases::{Own, ends_here, is_ours, write_secure};
use crate::way::Facts;

/// A service does not say more of itself than this.
const MOST_HEADERS: usize = 64;
const MOST_BYTES: usize = 32 * 1024;

/// Room for the headers of an answer.
pub(super) type Space<'b> = [MaybeUninit<Header<'b>>; MOST_HEADERS];

/// The head of an answer.
pub(super) struct Head<'h, 'b> {
    pub(super) status: u16,
    pub(super) content_type: Option<&'b [u8]>,
    pub(super) body: Framing,
    /// Whether the connection can carry another request after it.
    pub(super) stays: bool,
    pub(super) len: usize,
    reason: &'b str,
    length: Option<&'b [u8]>,
    own: Own,
    headers: &'h [Header<'b>],
}

/// How the end of a body is told.
#[derive(Debug)]
pub(super) enum Framing {
    /// There is no body, or all of it has come.
    Over,
    /// So many bytes are to come.
    Length(u64),
    /// It comes in chunks.
    Chunked(Chunks),
    /// It ends with the connection.
    Close,
}

/// What some bytes begin with.
pub(super) enum Read<'h, 'b> {
    /// Part of a head.
    Partial,
    /// Nothing that may be passed on.
    Nonsense(&'static str),
    /// A head that only says that more is to come; the length of it.
    Interim(usize),
    /// A head.
    Final(Head<'h, 'b>),
}

/// Reads the head of an answer to `method`.
pub(super) fn read<'h, 'b>(bytes: &'b [u8], method: &Method, space: &'h mut Space<'b>) -> Read<'h, 'b> {
    let mut response = Response::new(&mut []);
    let config = httparse::ParserConfig::default();
    let len = match config.parse_response_with_uninit_headers(&mut response, bytes, space) {
        Ok(Status::Complete(len)) => len,
        Ok(Status::Partial) if bytes.len() < MOST_BYTES => return Read::Partial,
        _ => return Read::Nonsense("the answer's head cannot be read"),
    };
    let (status, version) = (response.code.unwrap_or(0), response.version.unwrap_or(0));
    match status {
        101 => return Read::Nonsense("the answer changes a protocol that nobody asked to change"),
        100..=199 => return Read::Interim(len),
        200..=599 => {}
        _ => return Read::Nonsense("the answer has no status that is one"),
    }
    let reason = response.reason.unwrap_or_default();
    let mut head = Head {
        status,
        content_type: None,
        body: Framing::Close,
        stays: version == 1,
        len,
        reason,
        length: None,
        own: Own::default(),
        headers: response.headers,
    };
    match head.note(method) {
        Ok(()) => Read::Final(head),
        Err(why) => Read::Nonsense(why),
    }
}

impl<'b> Head<'_, 'b> {
    /// Notes what the headers say of the body and the connection.
    fn note(&mut self, method: &Method) -> Result<(), &'static str> {
        let mut coding = None;
        for header in self.headers {
            let is = |known: &[u8]| header.name.as_bytes().eq_ignore_ascii_case(known);
            match header.name.len() {
                10 if is(b"connection") => self.stays &= !header.value.eq_ignore_ascii_case(b"close"),
                12 if is(b"content-type") => self.content_type = Some(header.value),
                13 if is(b"cache-control") => self.own.caching = true,
                14 if is(b"content-length") && self.length.replace(header.value).is_some() => {
                    return Err("the answer says its length twice");
                }
                17 if is(b"transfer-encoding") && coding.replace(header.value).is_some() => {
                    return Err("the answer says its coding twice");
                }
                23 if is(b"content-security-policy") => self.own.policy = true,
                _ => {}
            }
        }
        self.body = match (coding, self.length) {
            (Some(_), Some(_)) => return Err("the answer says its length in two ways"),
            (Some(coding), None) if coding.eq_ignore_ascii_case(b"chunked") => Framing::Chunked(Chunks::default()),
            (Some(_), None) => return Err("the answer has a coding that is not known"),
            (None, Some(length)) => Framing::Length(number(length).ok_or("the answer's length is no number")?),
            (None, None) => Framing::Close,
        };
        let without_body = *method == Method::HEAD || matches!(self.status, 204 | 304);
        if without_body || matches!(self.body, Framing::Length(0)) {
            self.body = Framing::Over;
        }
        self.stays &= !matches!(self.body, Framing::Close);
        Ok(())
    }

    /// Writes the head that the client gets, all but its last line.
    pub(super) fn write(&self, facts: &Facts, out: &mut Vec<u8>) {
        out.extend_from_slice(b"HTTP/1.1 ");
        decimal(u64::from(self.status), out);
        out.push(b' ');
        out.extend_from_slice(self.reason.as_bytes());
        out.extend_from_slice(b"\r\n");
        for header in self.headers {
            let name = header.name.as_bytes();
            if ends_here(name) || is_ours(name) || name.eq_ignore_ascii_case(b"content-length") {
                continue;
            }
            for part in [name, b": ", header.value, b"\r\n"] {
                out.extend_from_slice(part);
            }
        }
        match (&self.body, self.length) {
            (Framing::Chunked(_) | Framing::Close, _) => out.extend_from_slice(b"transfer-encoding: chunked\r\n"),
            (_, Some(length)) => {
                for part in [b"content-length: ", length, b"\r\n"] {
                    out.extend_from_slice(part);
                }
            }
            _ => {}
        }
        write_secure(out, facts, self.own);
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}
