//! A request on its way to a service, up to the head of the answer.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use http::Method;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::request::{self, Head};
use crate::upstream::{Lease, Stream, try_write};
use crate::way::Way;

/// A connection idle for longer (in ticks) may be closed by the other side just now: then a copy is worth its cost.
const STALE: u32 = 10;
/// Tries until nothing more is expected of a service.
const TRIES: u32 = 3;

/// A request on its way.
pub(super) struct Call {
    pub(super) way: Way,
    pub(super) lease: Lease,
    wire: Option<Stream>,
    /// What of the request is still to be sent.
    unsent: Vec<u8>,
    /// All of it once more, where it may be sent twice.
    copy: Option<Vec<u8>>,
    /// Part of the answer's head.
    pub(super) begun: Vec<u8>,
    tries: u32,
}

/// Why there is no answer.
pub(super) enum Lost {
    /// No connection.
    Unreachable(io::Error),
    /// The connection ended, or did not begin like HTTP.
    Broken(&'static str),
}

impl Call {
    /// Sends the request as far as that needs no waiting.
    pub(super) fn begin(way: Way, lease: Lease, head: &Head<'_, '_>) -> Self {
        let core = std::rc::Rc::clone(&way.core);
        let mut out = core.out.borrow_mut();
        out.clear();
        request::write(head, &way, lease.instance().host.as_bytes(), &mut out);
        let (wire, idle_for) = match usable(&lease) {
            Some((wire, idle_for)) => (Some(wire), idle_for),
            None => (None, 0),
        };
        let repeatable = head.method.is_safe() || head.method == Method::PUT || head.method == Method::DELETE;
        let copy = (repeatable && (idle_for > STALE || lease.has_others())).then(|| out.clone());
        let sent = wire.as_ref().map_or(0, |wire| try_write(wire, &out).unwrap_or(0));
        let unsent = out.get(sent..).unwrap_or_default().to_vec();
        Self { way, lease, wire, unsent, copy, begun: Vec::new(), tries: 1 }
    }

    /// Sends what is still to be sent, on a new connection if need be.
    pub(super) async fn sent(&mut self) -> Result<(), Lost> {
        while self.wire.is_none() {
            let address = self.lease.instance().address.clone();
            match Box::pin(address.dial()).await {
                Ok(wire) => self.wire = Some(wire),
                Err(error) => self.elsewhere().map_err(|()| Lost::Unreachable(error))?,
            }
        }
        if self.unsent.is_empty() {
            return Ok(());
        }
        std::future::poll_fn(|cx| self.poll_sent(cx)).await.map_err(|_| Lost::Broken("the request was not taken"))
    }

    /// Goes to another instance with all of the request, which none has taken yet.
    fn elsewhere(&mut self) -> Result<(), ()> {
        if self.tries >= TRIES || !self.lease.move_on() {
            return Err(());
        }
        self.tries += 1;
        let host = self.lease.instance().host.clone();
        request::rehost(&mut self.unsent, host.as_bytes());
        Ok(())
    }

    fn poll_sent(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.unsent.is_empty() {
            let Some(wire) = &mut self.wire else { return Poll::Ready(Err(ErrorKind::NotConnected.into())) };
            let written = ready!(Pin::new(wire).poll_write(cx, &self.unsent))?;
            if written == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
            self.unsent.drain(..written);
        }
        Poll::Ready(Ok(()))
    }

    /// Reads what the service says into `buffer`; nothing at its end.
    pub(super) fn poll_heard(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Some(wire) = &mut self.wire else { return Poll::Ready(Err(ErrorKind::NotConnected.into())) };
        Pin::new(wire).poll_read(cx, buffer)
    }

    /// Prepares a second try, where that is safe: none of an answer came, and doing it twice is the same as once.
    pub(super) fn again(&mut self) -> bool {
        let Some(copy) = self.copy.take().filter(|_| self.begun.is_empty() && self.lease.may_retry()) else {
            return false;
        };
        (self.wire, self.unsent) = (None, copy);
        self.lease.instance().forget_idle();
        if self.lease.has_others() && self.lease.move_on() {
            let host = self.lease.instance().host.clone();
            request::rehost(&mut self.unsent, host.as_bytes());
        }
        true
    }

    /// Keeps the connection for another request.
    pub(super) fn keep(&mut self) {
        if let Some(wire) = self.wire.take() {
            self.lease.keep_wire(wire);
        }
    }
}

/// An idle connection that is still open and silent, with for how many ticks it was idle.
fn usable(lease: &Lease) -> Option<(Stream, u32)> {
    while let Some((mut wire, idle_for)) = lease.take_wire() {
        let mut rubbish = [0; 1];
        let silent = Pin::new(&mut wire)
            .poll_read(&mut Context::from_waker(Waker::noop()), &mut ReadBuf::new(&mut rubbish))
            .is_pending();
        if silent {
            return Some((wire, idle_for));
        }
    }
    None
}
