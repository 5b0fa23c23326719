//! Saying something to the client: at once as far as the socket takes it, the rest when it does.

use std::io::{ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY};
use http::{Method, Response, StatusCode};
use problem::Problem;
use tokio::io::AsyncWrite;

use super::lane::Lane;
use crate::digits::decimal;
use crate::phases::{Own, is_ours, refuse, write_secure};
use crate::way::Way;
use crate::wire::Outgoing;

/// The client went away.
#[derive(Debug)]
pub(super) struct Gone;

impl Lane<'_> {
    /// Answers with what is all here. Says whether the connection goes on.
    pub(super) async fn say(&mut self, mut way: Way, passed: Result<Box<Response<Outgoing>>, Problem>) -> bool {
        let answer = passed.unwrap_or_else(|problem| Box::new(refuse(&problem, &mut way.facts)));
        let closes = answer.headers().get(CONNECTION).is_some_and(|value| value == "close") || self.is_stopping();
        self.begin_to_say(way, *answer, closes).is_ok() && self.all_said().await.is_ok() && !closes
    }

    fn begin_to_say(&mut self, mut way: Way, answer: Response<Outgoing>, closes: bool) -> Result<(), Gone> {
        let (head, body) = answer.into_parts();
        let own = Own {
            policy: head.headers.contains_key(CONTENT_SECURITY_POLICY),
            caching: head.headers.contains_key(CACHE_CONTROL),
        };
        let body = body.into_whole();
        let core = self.core;
        let mut out = core.out.borrow_mut();
        out.clear();
        out.extend_from_slice(b"HTTP/1.1 ");
        out.extend_from_slice(head.status.as_str().as_bytes());
        out.push(b' ');
        out.extend_from_slice(head.status.canonical_reason().unwrap_or_default().as_bytes());
        out.extend_from_slice(b"\r\ndate: ");
        core.ledger.date(core.shared.machine_now(), &mut out);
        out.extend_from_slice(b"\r\n");
        // A refusal for want of quota says itself what is left.
        let is_said = |name: &str| name.starts_with("ratelimit") || !is_ours(name.as_bytes());
        let said = head.headers.iter().filter(|(name, _)| is_said(name.as_str()) && *name != CONNECTION);
        for (name, value) in said {
            for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                out.extend_from_slice(part);
            }
        }
        if head.status != StatusCode::NO_CONTENT {
            out.extend_from_slice(b"content-length: ");
            decimal(body.len() as u64, &mut out);
            out.extend_from_slice(b"\r\n");
        }
        if closes {
            out.extend_from_slice(b"connection: close\r\n");
        }
        write_secure(&mut out, &way.facts, own);
        out.extend_from_slice(b"\r\n");
        way.answered(head.status.as_u16());
        self.push(&out, if way.facts.method == Method::HEAD { b"" } else { &body })
    }

    /// Says these bytes after all that were said before.
    pub(super) fn push(&mut self, first: &[u8], second: &[u8]) -> Result<(), Gone> {
        let mut written = 0;
        if self.unsaid.is_empty() {
            written = match self.stream.try_write_vectored(&[IoSlice::new(first), IoSlice::new(second)]) {
                Ok(written) => written,
                Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
                Err(_) => return Err(Gone),
            };
        }
        self.pulse.said();
        self.unsaid.extend_from_slice(first.get(written..).unwrap_or_default());
        self.unsaid.extend_from_slice(second.get(written.saturating_sub(first.len())..).unwrap_or_default());
        Ok(())
    }

    /// Waits until all of an answer is with the socket; the connection is then idle.
    pub(super) async fn all_said(&mut self) -> Result<(), Gone> {
        self.flushed().await?;
        self.pulse.sent();
        self.pulse.flushed();
        Ok(())
    }

    /// Waits until what was said is with the socket.
    pub(super) async fn flushed(&mut self) -> Result<(), Gone> {
        if self.unsaid.is_empty() {
            return Ok(());
        }
        std::future::poll_fn(|cx| self.poll_flushed(cx)).await
    }

    fn poll_flushed(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        while let Some(rest) = self.unsaid.get(self.said..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut self.stream).poll_write(cx, rest)) {
                Ok(written @ 1..) => self.said += written,
                _ => return Poll::Ready(Err(Gone)),
            }
            self.pulse.said();
        }
        (self.unsaid, self.said) = (Vec::new(), 0);
        Poll::Ready(Ok(()))
    }
}
