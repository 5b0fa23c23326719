//! A service's answer on its way to the client: moves its connection along, and gives it back at the end of the body.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::Lease;
use crate::wire::BoxError;

/// The body of a service's answer.
pub(crate) struct Streamed {
    body: Incoming,
    lease: Option<Lease>,
}

impl Streamed {
    /// A body that comes over the connection of `lease`.
    pub(crate) fn new(body: Incoming, lease: Lease) -> Self {
        let mut streamed = Self { body, lease: Some(lease) };
        if streamed.body.is_end_stream() {
            streamed.finish();
        }
        streamed
    }

    fn finish(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.give_back();
        }
    }

    fn poll_once(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = match &mut self.lease {
            Some(lease) if lease.has_link() => {
                lease.drive(cx);
                // What it waits for comes through the connection, which was just polled with the real waker.
                Pin::new(&mut self.body).poll_frame(&mut Context::from_waker(Waker::noop()))
            }
            _ => Pin::new(&mut self.body).poll_frame(cx),
        };
        match &frame {
            Poll::Pending => {}
            Poll::Ready(None) => self.finish(),
            Poll::Ready(Some(Err(_))) => self.lease = None,
            Poll::Ready(Some(Ok(_))) if self.body.is_end_stream() => self.finish(),
            Poll::Ready(Some(Ok(_))) => {}
        }
        frame.map_err(Into::into)
    }
}

impl Body for Streamed {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        // Asking for more lets the connection read more, so it is worth a second look before giving up the turn.
        for _ in 0..2 {
            loop {
                match self.poll_once(cx) {
                    // Trailers end here.
                    Poll::Ready(Some(Ok(frame))) if !frame.is_data() => {}
                    Poll::Ready(frame) => return Poll::Ready(frame),
                    Poll::Pending => break,
                }
            }
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
