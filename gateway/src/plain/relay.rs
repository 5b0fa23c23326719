//! From the head of a service's answer to its end, on to the client.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use problem::{Problem, codes};
use tokio::io::ReadBuf;

use super::call::{Call, Lost};
use super::lane::Lane;
use super::response::{self, Framing, Head, Read};
use super::say::Gone;
use crate::phases::{outcome_of, unexplained};
use crate::upstream::Outcome;
use crate::wire::{Expired, within};

/// More than this many interim answers are none.
const INTERIM: usize = 16;

/// An answer that has begun.
struct Begun {
    body: Framing,
    stays: bool,
    closes: bool,
}

/// Why an answer does not begin.
enum Trouble {
    Gone,
    Lost(Lost),
    Refused(Problem),
}

impl From<Gone> for Trouble {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl Lane<'_> {
    /// Brings a request to its service and the answer to the client. Says whether the connection goes on.
    pub(super) async fn relay(&mut self, mut call: Box<Call>) -> bool {
        let pulse = Arc::clone(self.pulse);
        let refusal = match within(&pulse, self.begin_answer(&mut call)).await {
            Ok(Ok(begun)) => return self.finish_answer(call, begun).await,
            Ok(Err(Trouble::Gone)) => return false,
            Ok(Err(Trouble::Refused(refusal))) => refusal,
            Ok(Err(Trouble::Lost(Lost::Unreachable(error)))) => {
                Problem::new(&codes::UNAVAILABLE).header("retry-after", 1).because(error)
            }
            Ok(Err(Trouble::Lost(Lost::Broken(why)))) => Problem::new(&codes::BAD_GATEWAY).because(why),
            Err(Expired) => Problem::new(&codes::TIMEOUT).because("no answer before the deadline"),
        };
        let Call { way, mut lease, .. } = *call;
        lease.record(Outcome::Badly);
        drop(lease);
        self.say(way, Err(refusal)).await
    }

    async fn begin_answer(&mut self, call: &mut Call) -> Result<Begun, Trouble> {
        loop {
            call.sent().await.map_err(Trouble::Lost)?;
            match std::future::poll_fn(|cx| self.poll_answer(cx, call)).await {
                Err(Trouble::Lost(Lost::Broken(_))) if call.again() => {}
                begun => return begun,
            }
        }
    }

    fn poll_answer(&mut self, cx: &mut Context<'_>, call: &mut Call) -> Poll<Result<Begun, Trouble>> {
        if self.poll_gone(cx).is_ready() {
            return Poll::Ready(Err(Trouble::Gone));
        }
        loop {
            let mut input = self.core.input.borrow_mut();
            let mut buffer = ReadBuf::new(&mut input);
            match ready!(call.poll_heard(cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {}
                _ => return Poll::Ready(Err(Trouble::Lost(Lost::Broken("the connection ended before the answer")))),
            }
            let begun = if call.begun.is_empty() {
                self.take_answer(call, buffer.filled())
            } else {
                call.begun.extend_from_slice(buffer.filled());
                let begun = std::mem::take(&mut call.begun);
                self.take_answer(call, &begun)
            };
            if let Some(begun) = begun.transpose() {
                return Poll::Ready(begun);
            }
        }
    }

    /// The answer that these bytes begin; nothing where its head is not whole, and then they are kept.
    fn take_answer(&mut self, call: &mut Call, mut bytes: &[u8]) -> Result<Option<Begun>, Trouble> {
        for _ in 0..INTERIM {
            let mut space = [const { std::mem::MaybeUninit::uninit() }; 64];
            match response::read(bytes, &call.way.facts.method, &mut space) {
                Read::Final(head) => {
                    let body = bytes.get(head.len..).unwrap_or_default();
                    return self.pass_head(call, head, body).map(Some);
                }
                Read::Interim(len) => bytes = bytes.get(len..).unwrap_or_default(),
                Read::Nonsense(why) => {
                    // Something came: this is no request that may be tried again.
                    call.begun.extend_from_slice(bytes);
                    return Err(Trouble::Lost(Lost::Broken(why)));
                }
                Read::Partial => {
                    call.begun.extend_from_slice(bytes);
                    return Ok(None);
                }
            }
        }
        Err(Trouble::Refused(Problem::new(&codes::BAD_GATEWAY).because("a storm of interim answers")))
    }

    /// Passes on the head, with as much of the body as is here.
    fn pass_head(&mut self, call: &mut Call, head: Head<'_, '_>, body: &[u8]) -> Result<Begun, Trouble> {
        if let Some(refusal) = unexplained(head.status, head.content_type) {
            return Err(Trouble::Refused(refusal));
        }
        call.lease.record(outcome_of(&call.way, head.status, || head.content_type));
        let core = self.core;
        let mut out = core.out.borrow_mut();
        out.clear();
        head.write(&call.way.facts, &mut out);
        let closes = self.is_stopping();
        out.extend_from_slice(if closes { b"connection: close\r\n\r\n" } else { b"\r\n" });
        call.way.answered(head.status);
        let mut begun = Begun { body: head.body, stays: head.stays, closes };
        self.pass_body(&mut begun, &mut out, body)?;
        Ok(begun)
    }

    /// Passes on a piece of the body, after what is in `out`.
    fn pass_body(&mut self, begun: &mut Begun, out: &mut Vec<u8>, piece: &[u8]) -> Result<(), Trouble> {
        match &mut begun.body {
            Framing::Over => {
                // More than it said: nothing of it is passed on, and nothing else comes over that connection.
                begun.stays &= piece.is_empty();
                self.push(out, b"")?;
            }
            Framing::Length(left) => {
                let len = usize::try_from(*left).unwrap_or(usize::MAX).min(piece.len());
                begun.stays &= len == piece.len();
                self.push(out, piece.get(..len).unwrap_or_default())?;
                *left -= len as u64;
                if *left == 0 {
                    begun.body = Framing::Over;
                }
            }
            Framing::Chunked(chunks) => {
                let used = chunks.read(piece, |data| write_chunk(out, data));
                let used = used.map_err(|_| Trouble::Lost(Lost::Broken("the answer's chunks cannot be read")))?;
                begun.stays &= used == piece.len();
                if chunks.is_done() {
                    out.extend_from_slice(b"0\r\n\r\n");
                    begun.body = Framing::Over;
                }
                self.push(out, b"")?;
            }
            Framing::Close => {
                if !piece.is_empty() {
                    write_chunk(out, piece);
                }
                self.push(out, b"")?;
            }
        }
        Ok(())
    }

    /// Passes on the rest of the body. Whatever goes wrong now shows as an answer that breaks off.
    async fn finish_answer(&mut self, mut call: Box<Call>, mut begun: Begun) -> bool {
        while !matches!(begun.body, Framing::Over) {
            if self.flushed().await.is_err() {
                return false;
            }
            match std::future::poll_fn(|cx| self.poll_more(cx, &mut call, &mut begun)).await {
                Ok(()) => {}
                Err(_) => return false,
            }
        }
        if begun.stays {
            call.keep();
        }
        drop(call);
        self.all_said().await.is_ok() && !begun.closes
    }

    fn poll_more(&mut self, cx: &mut Context<'_>, call: &mut Call, begun: &mut Begun) -> Poll<Result<(), Trouble>> {
        if self.poll_gone(cx).is_ready() {
            return Poll::Ready(Err(Trouble::Gone));
        }
        let core = self.core;
        let mut input = core.input.borrow_mut();
        let mut buffer = ReadBuf::new(&mut input);
        let heard = ready!(call.poll_heard(cx, &mut buffer));
        let mut out = core.out.borrow_mut();
        out.clear();
        match (heard, buffer.filled()) {
            (Ok(()), []) if matches!(begun.body, Framing::Close) => {
                begun.body = Framing::Over;
                out.extend_from_slice(b"0\r\n\r\n");
                Poll::Ready(self.push(&out, b"").map_err(Into::into))
            }
            (Ok(()), piece @ [_, ..]) => Poll::Ready(self.pass_body(begun, &mut out, piece)),
            _ => Poll::Ready(Err(Trouble::Lost(Lost::Broken("the answer broke off")))),
        }
    }
}

fn write_chunk(out: &mut Vec<u8>, piece: &[u8]) {
    out.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
    out.extend_from_slice(piece);
    out.extend_from_slice(b"\r\n");
}
