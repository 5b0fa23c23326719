use std::mem::MaybeUninit;

use http::Method;
use proptest::prelude::*;

use super::chunks::Chunks;
use super::{request, response};
use crate::codes::MOST_FIELDS;

/// What becomes of a head: `plain`, with its length, or why not.
fn read(bytes: &[u8]) -> Result<usize, &'static str> {
    let mut space = [const { MaybeUninit::uninit() }; MOST_FIELDS];
    match request::read(bytes, &mut space) {
        request::Read::Partial => Err("partial"),
        request::Read::Strange => Err("strange"),
        request::Read::Plain(head) => Ok(head.len),
    }
}

#[test]
fn only_heads_without_anything_special_are_plain() {
    let plain = [
        "GET / HTTP/1.1\r\nHost: gate\r\n\r\n",
        "DELETE /a?b=c HTTP/1.1\r\nhost: gate\r\nAuthorization: Bearer x\r\nUser-Agent: y\r\n\r\n",
        "PUT /a HTTP/1.1\r\nHost: gate\r\nContent-Length: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: gate\r\nConnection: Keep-Alive\r\nAccept-Encoding: br\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
    ];
    for head in plain {
        assert_eq!(read(head.as_bytes()), Ok(head.len()), "{head:?}");
        assert_eq!(read(format!("{head}GET /next").as_bytes()), Ok(head.len()), "{head:?}");
    }
    let strange = [
        "POST / HTTP/1.1\r\nHost: gate\r\nContent-Length: 1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: gate\r\nContent-Length: +0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: gate\r\nContent-Length: 00\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: gate\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: gate\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: gate\r\nTRANSFER-ENCODING: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding: identity\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: gate\r\nExpect: 100-continue\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: gate\r\nUpgrade: foo\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: gate\r\nConnection: keep-alive, x-a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: gate\r\nAccept-Encoding: gzip\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: gate\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: gate\r\nx_user: 1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: gate\r\nIf-None-Match: \"1-gzip\"\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: gate\r\n\r\n",
        "GET http://gate/ HTTP/1.1\r\nHost: gate\r\n\r\n",
        "OPTIONS / HTTP/1.1\r\nHost: gate\r\n\r\n",
        "CONNECT gate:80 HTTP/1.1\r\nHost: gate\r\n\r\n",
        "BREW / HTTP/1.1\r\nHost: gate\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : gate\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: gate\r\n folded\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\n",
        "\x16\x03\x01",
    ];
    for head in strange {
        assert_eq!(read(head.as_bytes()), Err("strange"), "{head:?}");
    }
    let many = "A: b\r\n".repeat(MOST_FIELDS + 1);
    assert_eq!(read(format!("GET / HTTP/1.1\r\n{many}\r\n").as_bytes()), Err("strange"));
    assert_eq!(read("a".repeat(33 * 1024).as_bytes()), Err("strange"), "hyper says how much is too much");
    for part in ["", "G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: gate\r\n"] {
        assert_eq!(read(part.as_bytes()), Err("partial"), "{part:?}");
    }
}

#[test]
fn another_host_is_put_into_a_request_without_touching_the_rest() {
    let mut request = b"GET /a HTTP/1.1\r\nhost: 10.0.0.1:80\r\na: b\r\n\r\n".to_vec();
    request::rehost(&mut request, b"other:8080");
    assert_eq!(request, b"GET /a HTTP/1.1\r\nhost: other:8080\r\na: b\r\n\r\n");
}

fn answer(bytes: &str, method: &Method) -> Result<String, &'static str> {
    let mut space = [const { MaybeUninit::uninit() }; 64];
    match response::read(bytes.as_bytes(), method, &mut space) {
        response::Read::Partial => Err("partial"),
        response::Read::Interim(_) => Err("interim"),
        response::Read::Nonsense(_) => Err("nonsense"),
        response::Read::Final(head) => {
            let body = match head.body {
                response::Framing::Over => "over".to_owned(),
                response::Framing::Length(length) => length.to_string(),
                response::Framing::Chunked(_) => "chunked".to_owned(),
                response::Framing::Close => "close".to_owned(),
            };
            Ok(format!("{} {body}{}", head.status, if head.stays { "" } else { " ends" }))
        }
    }
}

#[test]
fn an_answer_says_in_one_way_where_it_ends() {
    let get = |fields: &str| answer(&format!("HTTP/1.1 200 OK\r\n{fields}\r\n"), &Method::GET);
    assert_eq!(get("Content-Length: 5\r\n"), Ok("200 5".into()));
    assert_eq!(get("Content-Length: 0\r\n"), Ok("200 over".into()));
    assert_eq!(get("Transfer-Encoding: chunked\r\n"), Ok("200 chunked".into()));
    assert_eq!(get(""), Ok("200 close ends".into()));
    assert_eq!(get("Content-Length: 5\r\nConnection: Close\r\n"), Ok("200 5 ends".into()));
    for nonsense in [
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 5,5\r\n",
        "Content-Length: \r\n",
        "Content-Length: 99999999999999999999\r\n",
    ] {
        assert_eq!(get(nonsense), Err("nonsense"), "{nonsense:?}");
    }
    assert_eq!(answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", &Method::HEAD), Ok("200 over".into()));
    assert_eq!(answer("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", &Method::GET), Ok("304 over".into()));
    assert_eq!(answer("HTTP/1.1 204 No Content\r\n\r\n", &Method::GET), Ok("204 over".into()));
    assert_eq!(answer("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", &Method::GET), Ok("200 5 ends".into()));
    assert_eq!(answer("HTTP/1.1 103 Early Hints\r\n\r\n", &Method::GET), Err("interim"));
    for nonsense in
        ["HTTP/1.1 101 Switching\r\n\r\n", "HTTP/1.1 999 What\r\n\r\n", "rubbish\r\n\r\n", "HTTP/2 200\r\n\r\n"]
    {
        assert_eq!(answer(nonsense, &Method::GET), Err("nonsense"), "{nonsense:?}");
    }
    assert_eq!(answer("HTTP/1.1 200 OK\r\nA: ", &Method::GET), Err("partial"));
}

fn unchunked(bytes: &[u8]) -> Option<(Vec<u8>, usize, bool)> {
    let (mut chunks, mut body) = (Chunks::default(), Vec::new());
    let used = chunks.read(bytes, |piece| body.extend_from_slice(piece)).ok()?;
    Some((body, used, chunks.is_done()))
}

#[test]
fn chunks_are_read_strictly() {
    let good: &[(&[u8], &[u8], usize)] = &[
        (b"2\r\nhi\r\n0\r\n\r\n", b"hi", 12),
        (b"2;a=b\r\nhi\r\n0\r\n\r\n", b"hi", 16),
        (b"A\r\n0123456789\r\n0\r\nX: y\r\n\r\n", b"0123456789", 26),
        (b"2\r\nhi\r\n0\r\n\r\nrest", b"hi", 12),
    ];
    for (bytes, body, used) in good {
        assert_eq!(unchunked(bytes), Some((body.to_vec(), *used, true)), "{bytes:?}");
    }
    let bad: &[&[u8]] = &[
        b"\r\n",
        b"x\r\n",
        b"-2\r\n",
        b"+2\r\n",
        b" 2\r\n",
        b"2 \r\n",
        b"2\n",
        b"2\r\nhixx",
        b"2;a\nb\r\n",
        b"0\r\n\n",
        b"11111111111111111\r\n",
        b"2\r\nhi\n",
        b"0\r\nX: y\n",
    ];
    for bytes in bad {
        assert_eq!(unchunked(bytes), None, "{bytes:?}");
    }
    assert_eq!(unchunked(&[b"2;".as_slice(), &[b'a'; 300]].concat()), None, "an endless extension");
    assert_eq!(unchunked(&[b"0\r\n".as_slice(), &b"a: b\r\n".repeat(2_000)].concat()), None, "endless trailers");
}

proptest! {
    /// However a body is cut into chunks and these into reads, the same comes out.
    #[test]
    fn chunks_come_out_as_they_went_in(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..12),
                                       cuts in prop::collection::vec(1_usize..30, 1..60)) {
        let mut wire = Vec::new();
        for piece in &pieces {
            wire.extend(format!("{:x}\r\n", piece.len()).into_bytes());
            wire.extend(piece);
            wire.extend(b"\r\n");
        }
        wire.extend(b"0\r\n\r\n");
        let (mut chunks, mut body, mut rest) = (Chunks::default(), Vec::new(), wire.as_slice());
        for cut in cuts.iter().cycle() {
            let (now, later) = rest.split_at(rest.len().min(*cut));
            prop_assert_eq!(chunks.read(now, |piece| body.extend_from_slice(piece)), Ok(now.len()));
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert!(chunks.is_done());
        prop_assert_eq!(body, pieces.concat());
    }
}
