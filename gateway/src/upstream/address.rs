//! Where an instance is reached, and a connection to it.

use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio_util::either::Either;
use url::{Host, Url};

const CONNECT: Duration = Duration::from_millis(300);

/// Where an instance is reached.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    /// Its base.
    pub(crate) url: Url,
    /// `host:port`.
    pub(crate) authority: String,
    /// Its socket, if it is on this machine.
    pub(super) socket: Option<PathBuf>,
}

/// A connection to an instance, over the network or by a socket of this machine.
pub(crate) type Stream = Either<TcpStream, uds::Stream>;

impl Address {
    /// The instance at `url`. One on this machine is reached by its socket in `sockets` while it has one there: that
    /// costs both sides less than the network does.
    pub(crate) fn new(url: Url, sockets: Option<&Path>) -> Self {
        let port = url.port_or_known_default().unwrap_or(80);
        let is_here = matches!(url.host(), Some(Host::Ipv4(Ipv4Addr::LOCALHOST)) | Some(Host::Domain("localhost")));
        Self {
            authority: format!("{}:{port}", url.host_str().unwrap_or_default()),
            socket: sockets.filter(|_| is_here).map(|dir| uds::path(dir, port)),
            url,
        }
    }

    /// A connection, within its time, without Nagle's delays.
    pub(crate) async fn dial(&self) -> io::Result<Stream> {
        tokio::time::timeout(CONNECT, self.connect()).await?
    }

    async fn connect(&self) -> io::Result<Stream> {
        if let Some(socket) = &self.socket
            && let Ok(stream) = uds::Stream::connect(socket).await
        {
            return Ok(Either::Right(stream));
        }
        let stream = TcpStream::connect(&self.authority).await?;
        stream.set_nodelay(true)?;
        Ok(Either::Left(stream))
    }
}

/// Writes as much as can be written at once.
pub(crate) fn try_write(stream: &Stream, bytes: &[u8]) -> io::Result<usize> {
    match stream {
        Either::Left(stream) => stream.try_write(bytes),
        Either::Right(stream) => stream.try_write(bytes),
    }
}
