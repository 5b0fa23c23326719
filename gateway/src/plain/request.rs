//! Reading a client's head, and writing the one that the service gets.

use std::mem::MaybeUninit;

use http::Method;
use httparse::{Header, Request, Status};

use crate::codes::{MOST_FIELDS, MOST_HEAD_BYTES};
use crate::phases::{Noted, Target};
use crate::way::Way;

/// Room for the headers of a head.
pub(super) type Space<'b> = [MaybeUninit<Header<'b>>; MOST_FIELDS];

/// A head of this lane.
pub(super) struct Head<'h, 'b> {
    pub(super) method: Method,
    pub(super) target: Target<'b>,
    pub(super) noted: Noted<'b>,
    headers: &'h [Header<'b>],
    /// How many bytes it has.
    pub(super) len: usize,
}

/// What some bytes begin with.
#[expect(clippy::large_enum_variant, reason = "it is looked at where it was made")]
pub(super) enum Read<'h, 'b> {
    /// Part of a head.
    Partial,
    /// Something that is not for this lane.
    Strange,
    /// A head of this lane.
    Plain(Head<'h, 'b>),
}

/// Reads a head.
pub(super) fn read<'h, 'b>(bytes: &'b [u8], space: &'h mut Space<'b>) -> Read<'h, 'b> {
    let mut request = Request::new(&mut []);
    let len = match request.parse_with_uninit_headers(bytes, space) {
        Ok(Status::Complete(len)) => len,
        Ok(Status::Partial) if bytes.len() < MOST_HEAD_BYTES => return Read::Partial,
        _ => return Read::Strange,
    };
    let Request { method: Some(method), path: Some(target), version: Some(1), headers } = request else {
        return Read::Strange;
    };
    let headers: &'h [Header<'b>] = headers;
    let noted = Noted::of(headers.iter().map(|header| (header.name.as_bytes(), header.value)));
    let special = noted.mixed || noted.zip || noted.expects || noted.has_body || noted.lengths() > 1;
    match known(method) {
        Some(method) if !special && target.starts_with('/') => {
            Read::Plain(Head { method, target: Target::of(target), noted, headers, len })
        }
        _ => Read::Strange,
    }
}

fn known(method: &str) -> Option<Method> {
    Some(match method {
        "GET" => Method::GET,
        "HEAD" => Method::HEAD,
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        "PATCH" => Method::PATCH,
        "DELETE" => Method::DELETE,
        _ => return None,
    })
}

/// Writes the head that the service gets: the client's, without what is the gateway's to say.
pub(super) fn write(head: &Head<'_, '_>, way: &Way, host: &[u8], out: &mut Vec<u8>) {
    let method = way.route().map_or(&head.method, |route| &route.method);
    for part in [method.as_str(), " ", way.facts.canonical.as_deref().unwrap_or(head.target.path)] {
        out.extend_from_slice(part.as_bytes());
    }
    if let Some(query) = head.target.query {
        out.push(b'?');
        out.extend_from_slice(query.as_bytes());
    }
    out.extend_from_slice(b" HTTP/1.1\r\nhost: ");
    out.extend_from_slice(host);
    for header in head.headers.iter().filter(|header| !is_replaced(header.name.as_bytes())) {
        for part in [b"\r\n", header.name.as_bytes(), b": ", header.value] {
            out.extend_from_slice(part);
        }
    }
    out.extend_from_slice(b"\r\nx-request-id: ");
    out.extend_from_slice(way.facts.context.request_id.as_bytes());
    out.extend_from_slice(b"\r\ntraceparent: ");
    out.extend_from_slice(&way.facts.traceparent);
    out.extend_from_slice(b"\r\nx-forwarded-for: ");
    out.extend_from_slice(way.client.forwarded_for().as_bytes());
    out.extend_from_slice(b"\r\nx-request-deadline-ms: ");
    out.extend_from_slice(way.view.endpoint(way.facts.route).deadline_ms.as_bytes());
    out.extend_from_slice(b"\r\n\r\n");
}

/// Whether the gateway says this header itself, or ends what it is about.
fn is_replaced(name: &[u8]) -> bool {
    let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
    match name.len() {
        4 => is(b"host"),
        10 => is(b"connection"),
        11 => is(b"traceparent"),
        12 => is(b"x-request-id"),
        _ => false,
    }
}

/// Puts another `host` into a head that was written by [`write`].
pub(super) fn rehost(request: &mut Vec<u8>, host: &[u8]) {
    let line_end = |bytes: &[u8], from: usize| {
        bytes.get(from..).and_then(|rest| rest.iter().position(|byte| *byte == b'\r')).map(|at| from + at)
    };
    let Some(first) = line_end(request, 0) else { return };
    let Some(second) = line_end(request, first + 1) else { return };
    let start = first + b"\r\nhost: ".len();
    if start <= second {
        request.splice(start..second, host.iter().copied());
    }
}
