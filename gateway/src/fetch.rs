//! Asking a service something on the gateway's own behalf: its health, its description. In the background only.

use std::io;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::HOST;
use http::{HeaderValue, Request};
use http_body_util::Empty;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{Builder, Connection};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::Url;

/// No description is larger.
const MOST: usize = 8 << 20;

/// The status and body that `base` answers to a GET of `path`, within `deadline`.
pub(crate) async fn get(base: &Url, path: &str, deadline: Duration) -> io::Result<(u16, Bytes)> {
    tokio::time::timeout(deadline, whole(base, path)).await?
}

/// Whether what listens on this port of this machine says that it is ready.
pub(crate) async fn ready_at(port: u16) -> io::Result<bool> {
    let base = Url::parse(&format!("http://127.0.0.1:{port}")).map_err(io::Error::other)?;
    Ok(get(&base, "/health/ready", Duration::from_secs(2)).await?.0 == 200)
}

async fn whole(base: &Url, path: &str) -> io::Result<(u16, Bytes)> {
    let address = format!("{}:{}", base.host_str().unwrap_or_default(), base.port_or_known_default().unwrap_or(80));
    let stream = TcpStream::connect(&address).await?;
    let (mut sender, mut connection) =
        Builder::new().handshake::<_, Empty<Bytes>>(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let request = Request::get(path)
        .header(HOST, HeaderValue::try_from(address).map_err(io::Error::other)?)
        .body(Empty::new())
        .map_err(io::Error::other)?;
    let mut answer = pin!(sender.send_request(request));
    let answer = std::future::poll_fn(|cx| {
        // What becomes of the connection shows in the answer.
        let _ = Pin::new(&mut connection).poll(cx);
        answer.as_mut().poll(cx)
    });
    let (head, body) = answer.await.map_err(io::Error::other)?.into_parts();
    Ok((head.status.as_u16(), collected(body, connection).await?))
}

async fn collected(mut body: Incoming, connection: Connection<TokioIo<TcpStream>, Empty<Bytes>>) -> io::Result<Bytes> {
    let mut bytes = BytesMut::new();
    let mut connection = Some(connection);
    loop {
        let frame = std::future::poll_fn(|cx| {
            if let Some(open) = &mut connection
                && Pin::new(open).poll(cx).is_ready()
            {
                connection = None;
            }
            match Pin::new(&mut body).poll_frame(cx) {
                Poll::Pending => Poll::Pending,
                ready => ready,
            }
        });
        let Some(frame) = frame.await else { return Ok(bytes.freeze()) };
        if let Ok(chunk) = frame.map_err(io::Error::other)?.into_data() {
            if bytes.len() + chunk.len() > MOST {
                return Err(io::Error::other("too large"));
            }
            bytes.extend_from_slice(&chunk);
        }
    }
}
