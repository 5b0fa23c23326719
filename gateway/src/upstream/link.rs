//! One connection to an instance, moved by the task of the request that uses it: no task of its own, no wake-ups.

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Waker};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;

use super::{Address, Stream};
use crate::wire::Inbound;

/// Heads of answers, and what is read ahead of a body.
const BUFFER: usize = 64 * 1024;

/// One connection.
pub(crate) struct Link {
    sender: SendRequest<Inbound>,
    /// Gone once it is closed: what was still waiting in it is then given back.
    connection: Option<Connection<TokioIo<Stream>, Inbound>>,
}

/// Why there is no answer.
pub(crate) enum Unsent {
    /// Nothing of it was sent: it can go elsewhere.
    Whole(Box<Request<Inbound>>),
    /// It was sent, and then the connection failed.
    Lost(hyper::Error),
}

impl Link {
    /// Connects to an instance.
    pub(crate) async fn open(address: &Address) -> io::Result<Box<Self>> {
        let stream = address.dial().await?;
        let (sender, connection) =
            Builder::new().max_buf_size(BUFFER).handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        Ok(Box::new(Self { sender, connection: Some(connection) }))
    }

    /// Sends a request and waits for the head of its answer.
    pub(crate) async fn send(&mut self, request: Request<Inbound>) -> Result<Response<Incoming>, Unsent> {
        // Were it stopped by the budget of its task, nothing would wake it: see below.
        let mut answer = pin!(tokio::task::unconstrained(self.sender.try_send_request(request)));
        let connection = &mut self.connection;
        let sent = std::future::poll_fn(|cx| {
            drive(connection, cx);
            // Nothing but the connection, polled just above, ever makes this ready: it needs no waker of its own.
            answer.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        });
        sent.await.map_err(|mut error: TrySendError<_>| match error.take_message() {
            Some(request) => Unsent::Whole(Box::new(request)),
            None => Unsent::Lost(error.into_error()),
        })
    }

    /// Moves bytes.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) {
        drive(&mut self.connection, cx);
    }

    /// Whether another request can be sent. Leaves no waker behind: whoever used it is done with it.
    pub(crate) fn is_reusable(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        self.connection.is_some() && self.sender.is_ready()
    }
}

fn drive(connection: &mut Option<Connection<TokioIo<Stream>, Inbound>>, cx: &mut Context<'_>) {
    if let Some(open) = connection
        && Pin::new(open).poll(cx).is_ready()
    {
        *connection = None;
    }
}
