//! Making answers smaller: gzip, where the client takes it and it is worth it.
//!
//! What is streamed is zipped frame by frame and flushed with each, so nothing waits. A zipped answer has another
//! `ETag` than the plain one (`"5-gzip"`), and conditional requests are told apart by [`plain_etags`]. Start with
//! [`worthwhile`].

use std::borrow::Cow;
use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use hyper::body::{Body, Frame};

use crate::wire::BoxError;

/// Smaller answers are sent as they are.
const SMALLEST: u64 = 1024;
const SUFFIX: &str = "-gzip\"";
const TYPES: [&str; 7] = [
    "application/json",
    "application/problem+json",
    "application/javascript",
    "application/manifest+json",
    "image/svg+xml",
    "application/xml",
    "application/openapi+json",
];

/// A body that is zipped as it passes.
pub(crate) struct Zipped<B> {
    body: B,
    encoder: Option<GzEncoder<Vec<u8>>>,
}

/// Whether a client with this `Accept-Encoding` takes gzip.
pub(crate) fn is_accepted(encodings: &[u8]) -> bool {
    let Ok(accepted) = std::str::from_utf8(encodings) else { return false };
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse() == Ok(0.0_f32));
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// Whether an answer with these headers, `size` long as far as known, is to be zipped for a client that takes it.
pub(crate) fn worthwhile(answer: &HeaderMap, size: Option<u64>) -> bool {
    if size.is_some_and(|size| size < SMALLEST) || answer.contains_key(CONTENT_ENCODING) {
        return false;
    }
    let no_transform = answer.get(CACHE_CONTROL).and_then(|value| value.to_str().ok());
    if no_transform.is_some_and(|value| value.contains("no-transform")) {
        return false;
    }
    let Some(kind) = answer.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let kind = kind.split(';').next().unwrap_or_default().trim();
    TYPES.contains(&kind) || (kind.starts_with("text/") && kind != "text/event-stream")
}

/// Says in the headers that the answer is zipped.
pub(crate) fn mark(answer: &mut HeaderMap) {
    answer.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    answer.remove(CONTENT_LENGTH);
    answer.remove(http::header::ACCEPT_RANGES);
    let etag =
        answer.get(http::header::ETAG).and_then(|etag| etag.to_str().ok()).and_then(|etag| etag.strip_suffix('"'));
    let zipped = etag.and_then(|etag| HeaderValue::from_str(&format!("{etag}{SUFFIX}")).ok());
    if let Some(zipped) = zipped {
        answer.insert(http::header::ETAG, zipped);
    }
}

/// A list of entity tags as the service gave them, where some are those of zipped answers.
pub(crate) fn plain_etags(header: &str) -> Option<Cow<'_, str>> {
    header.contains(SUFFIX).then(|| header.replace(SUFFIX, "\"").into())
}

/// A whole answer, zipped.
pub(crate) fn zip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::fast());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default().into()
}

impl<B> Zipped<B> {
    pub(crate) fn new(body: B) -> Self {
        Self { body, encoder: Some(GzEncoder::new(Vec::new(), Compression::fast())) }
    }
}

impl<B: Body<Data = Bytes, Error = BoxError> + Unpin> Body for Zipped<B> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            let Some(mut encoder) = self.encoder.take() else { return Poll::Ready(None) };
            let frame = match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(frame) => frame,
                Poll::Pending => {
                    self.encoder = Some(encoder);
                    return Poll::Pending;
                }
            };
            match frame.transpose()? {
                None => {
                    let tail = encoder.finish()?;
                    return Poll::Ready(Some(Ok(Frame::data(tail.into()))));
                }
                Some(frame) => {
                    if let Ok(chunk) = frame.into_data() {
                        encoder.write_all(&chunk)?;
                        if !self.body.is_end_stream() {
                            encoder.flush()?;
                        }
                    }
                    let zipped = std::mem::take(encoder.get_mut());
                    self.encoder = Some(encoder);
                    if !zipped.is_empty() {
                        return Poll::Ready(Some(Ok(Frame::data(zipped.into()))));
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.encoder.is_none()
    }
}
