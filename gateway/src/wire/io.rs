//! A client's socket: tells the pulse, and says in our own words what hyper refuses by itself.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use problem::{Language, Problem, codes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::Pulse;

/// A client's socket.
pub(crate) struct ClientIo {
    stream: TcpStream,
    pulse: Arc<Pulse>,
    /// What was read before hyper got it.
    before: Vec<u8>,
    /// What goes out in place of hyper's own refusal, and how much of it has gone.
    refusal: Option<(Vec<u8>, usize)>,
}

impl ClientIo {
    pub(crate) fn new(stream: TcpStream, before: Vec<u8>, pulse: Arc<Pulse>) -> Self {
        Self { stream, pulse, before, refusal: None }
    }

    /// Whether `first` begins an answer to no request: then ours is sent instead.
    fn is_refusal(&mut self, first: &[u8]) -> bool {
        if self.refusal.is_some() {
            return true;
        }
        let status = first.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.get(..3));
        match status {
            Some(status) if self.pulse.unasked() && status.starts_with(b"4") => {
                let (code, bytes) = refusal(status);
                crate::phases::unreadable(code);
                self.refusal = Some((bytes, 0));
                true
            }
            _ => false,
        }
    }

    fn poll_refusal(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some((bytes, gone)) = &mut self.refusal {
            let Some(rest) = bytes.get(*gone..).filter(|rest| !rest.is_empty()) else { break };
            *gone += ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
        }
        Poll::Ready(Ok(()))
    }

    fn wrote(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(written, Poll::Ready(Ok(_))) {
            self.pulse.said();
        }
        written
    }
}

impl AsyncRead for ClientIo {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.before.is_empty() {
            let len = self.before.len().min(buf.remaining());
            buf.put_slice(self.before.get(..len).unwrap_or_default());
            self.before.drain(..len);
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            self.pulse.heard();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ClientIo {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.pulse.unasked() && self.is_refusal(buf) {
            ready!(self.poll_refusal(cx))?;
            return Poll::Ready(Ok(buf.len()));
        }
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.wrote(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.pulse.unasked() && self.is_refusal(bufs.first().map_or(&[], |first| first)) {
            ready!(self.poll_refusal(cx))?;
            return Poll::Ready(Ok(bufs.iter().map(|buf| buf.len()).sum()));
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.wrote(written)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.pulse.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The whole answer to a head that cannot be read. Its language is unknown with it, so it is French.
fn refusal(status: &[u8]) -> (u16, Vec<u8>) {
    let problem = match status {
        b"431" => Problem::new(&codes::HEADERS_TOO_LARGE).with("limit", crate::codes::HEAD_LIMITS),
        b"414" => Problem::new(&codes::URI_TOO_LONG).with("limit", crate::codes::LONGEST_URL),
        _ => Problem::new(&codes::MALFORMED),
    };
    let context = telemetry::Context::begin();
    let rendered = problem.render(Language::Fr, &context.request_id, "");
    let reason = match rendered.status {
        431 => "Request Header Fields Too Large",
        414 => "URI Too Long",
        _ => "Bad Request",
    };
    let mut bytes = format!("HTTP/1.1 {} {reason}\r\nx-request-id: {}\r\n", rendered.status, context.request_id);
    for (name, value) in crate::phases::secure::ALWAYS {
        bytes.push_str(&format!("{name}: {value}\r\n"));
    }
    for (name, value) in &rendered.headers {
        bytes.push_str(&format!("{name}: {value}\r\n"));
    }
    bytes.push_str(&format!("content-length: {}\r\nconnection: close\r\n\r\n", rendered.body.len()));
    let mut bytes = bytes.into_bytes();
    bytes.extend_from_slice(&rendered.body);
    (rendered.status, bytes)
}
