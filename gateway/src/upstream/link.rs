//! One connection to an instance, moved by the task of the request that uses it: no task of its own, no wake-ups.

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Waker};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::wire::Inbound;

const CONNECT: Duration = Duration::from_millis(300);
/// Heads of answers, and what is read ahead of a body.
const BUFFER: usize = 64 * 1024;

/// One connection.
pub(crate) struct Link {
    sender: SendRequest<Inbound>,
    connection: Connection<TokioIo<TcpStream>, Inbound>,
    closed: bool,
}

/// Why there is no answer.
pub(crate) enum Unsent {
    /// Nothing of it was sent: it can go elsewhere.
    Whole(Box<Request<Inbound>>),
    /// It was sent, and then the connection failed.
    Lost(hyper::Error),
}

impl Link {
    /// Connects to `address`.
    pub(crate) async fn open(address: &str) -> io::Result<Box<Self>> {
        let stream = dial(address).await?;
        let (sender, connection) =
            Builder::new().max_buf_size(BUFFER).handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        Ok(Box::new(Self { sender, connection, closed: false }))
    }

    /// Sends a request and waits for the head of its answer.
    pub(crate) async fn send(&mut self, request: Request<Inbound>) -> Result<Response<Incoming>, Unsent> {
        let answer = self.sender.try_send_request(request);
        let mut answer = pin!(answer);
        let (connection, closed) = (&mut self.connection, &mut self.closed);
        let sent = std::future::poll_fn(|cx| {
            drive(connection, closed, cx);
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
        drive(&mut self.connection, &mut self.closed, cx);
    }

    /// Whether another request can be sent. Leaves no waker behind: whoever used it is done with it.
    pub(crate) fn is_reusable(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        !self.closed && self.sender.is_ready()
    }
}

fn drive(connection: &mut Connection<TokioIo<TcpStream>, Inbound>, closed: &mut bool, cx: &mut Context<'_>) {
    if !*closed && Pin::new(connection).poll(cx).is_ready() {
        *closed = true;
    }
}

/// A socket to `address`, within its time, without Nagle's delays.
pub(crate) async fn dial(address: &str) -> io::Result<TcpStream> {
    let stream = tokio::time::timeout(CONNECT, TcpStream::connect(address)).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}
