//! One connection for as long as all that comes over it is plain.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::Response;
use problem::Problem;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;

use super::call::Call;
use super::request::{self, Read};
use crate::Entered;
use crate::client::Client;
use crate::codes::MOST_FIELDS;
use crate::core::Core;
use crate::phases::choose;
use crate::way::Way;
use crate::wire::{Outgoing, Pulse};

/// So much of what a client sends ahead is read before its turn.
const AHEAD: usize = 64 * 1024;

/// One client's connection.
pub(crate) struct Lane<'a> {
    pub(super) core: &'a Rc<Core>,
    pub(super) client: &'a Rc<Client>,
    pub(super) pulse: &'a Arc<Pulse>,
    stopping: &'a Cell<bool>,
    pub(super) stream: TcpStream,
    /// What was read and not yet taken.
    left: Vec<u8>,
    /// What the socket did not take, and how much of it it took since.
    pub(super) unsaid: Vec<u8>,
    pub(super) said: usize,
}

/// How it ended.
pub(crate) enum End {
    /// Over.
    Closed,
    /// Something came that is not for this lane: this is all that was read and not answered.
    Strange(TcpStream, Vec<u8>),
}

/// What comes next over a connection.
enum Next {
    /// Something that is not for this lane.
    Strange,
    /// A request that is answered already.
    Answered(Box<Way>, Result<Box<Response<Outgoing>>, Problem>),
    /// A request that is on its way to a service.
    Called(Box<Call>),
}

impl<'a> Lane<'a> {
    /// A connection that begins.
    pub(crate) fn new(
        (core, client): (&'a Rc<Core>, &'a Rc<Client>),
        pulse: &'a Arc<Pulse>,
        stopping: &'a Cell<bool>,
        stream: TcpStream,
    ) -> Self {
        Self { core, client, pulse, stopping, stream, left: Vec::new(), unsaid: Vec::new(), said: 0 }
    }

    /// Answers what comes, until something strange does or the end.
    pub(crate) async fn run(mut self) -> End {
        if self.client.is_proxy() {
            return End::Strange(self.stream, self.left);
        }
        while let Some(next) = self.next().await {
            let goes_on = match next {
                Next::Strange => return End::Strange(self.stream, self.left),
                Next::Answered(way, passed) => self.say(*way, passed).await,
                Next::Called(call) => self.relay(call).await,
            };
            if !goes_on || self.is_stopping() {
                break;
            }
        }
        End::Closed
    }

    /// Whether this process is told to stop.
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.get()
    }

    async fn next(&mut self) -> Option<Next> {
        if !self.left.is_empty() {
            let left = std::mem::take(&mut self.left);
            if let Some(next) = self.take(&left) {
                return Some(next);
            }
        }
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Next>> {
        loop {
            if self.is_stopping() && self.left.is_empty() {
                return Poll::Ready(None);
            }
            let mut input = self.core.input.borrow_mut();
            let mut buffer = ReadBuf::new(&mut input);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {}
                _ => return Poll::Ready(None),
            }
            self.pulse.heard();
            let next = if self.left.is_empty() {
                self.take(buffer.filled())
            } else {
                self.left.extend_from_slice(buffer.filled());
                let left = std::mem::take(&mut self.left);
                self.take(&left)
            };
            if next.is_some() {
                return Poll::Ready(next);
            }
        }
    }

    /// What these bytes begin with; the rest of them is kept, and all of them where that is not yet known.
    fn take(&mut self, bytes: &[u8]) -> Option<Next> {
        let mut space = [const { std::mem::MaybeUninit::uninit() }; MOST_FIELDS];
        let (next, used) = match request::read(bytes, &mut space) {
            Read::Partial => (None, 0),
            Read::Strange => (Some(Next::Strange), 0),
            Read::Plain(head) => (Some(self.begin(&head)), head.len),
        };
        if let Some(rest) = bytes.get(used..).filter(|rest| !rest.is_empty()) {
            self.left.extend_from_slice(rest);
        }
        next
    }

    fn begin(&mut self, head: &request::Head<'_, '_>) -> Next {
        let at = (self.core, Rc::clone(self.client));
        let mut way = Way::begin(at, self.pulse, &head.noted, (&head.method, head.target.path));
        let service = match crate::enter(&mut way, &head.noted, &head.target, 0) {
            Ok(Entered::At(service)) => service,
            Ok(Entered::Answered(answered)) => return Next::Answered(Box::new(way), Ok(answered)),
            Err(refusal) => return Next::Answered(Box::new(way), Err(refusal)),
        };
        let Some(route) = way.route() else {
            return Next::Answered(Box::new(way), Err(Problem::new(&problem::codes::NOT_FOUND)));
        };
        self.pulse.working(route.deadline);
        match choose(&self.core.services, service, route) {
            Ok(lease) => Next::Called(Box::new(Call::begin(way, lease, head))),
            Err(refusal) => Next::Answered(Box::new(way), Err(refusal)),
        }
    }

    /// Whether the client went away while it waits. What it sends ahead is kept for its turn.
    pub(super) fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut ahead = [0; 1024];
        while self.left.len() < AHEAD {
            let mut buffer = ReadBuf::new(&mut ahead);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => self.left.extend_from_slice(buffer.filled()),
                _ => return Poll::Ready(()),
            }
        }
        Poll::Pending
    }
}
