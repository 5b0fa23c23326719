use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};

/// What is read at once first into memory that has to be cleared for it. What has more to say fills it, and is read in large
/// pieces.
const FIRST: usize = 4 * 1024;

/// A connection.
#[derive(Debug)]
pub struct Stream {
    io: AsyncFd<UnixStream>,
    /// Tells when there is room again, while there is none.
    room: Option<AsyncFd<OwnedFd>>,
    /// Whether the last read filled what it was given.
    more: bool,
}

impl Stream {
    /// Connects to the socket at `path`.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn connect(path: impl AsRef<Path>) -> io::Result<Self> {
        tokio::net::UnixStream::connect(path).await?.try_into()
    }

    /// Writes as much as there is room for.
    ///
    /// # Errors
    /// `WouldBlock` where there is none, or when the other end is gone.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.io.get_ref().write(bytes)
    }

    fn poll_with(
        &mut self,
        cx: &mut Context<'_>,
        mut write: impl FnMut(&UnixStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            match write(self.io.get_ref()) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                done => {
                    self.room = None;
                    return Poll::Ready(done);
                }
            }
            let room = match &self.room {
                Some(room) => room,
                None => {
                    let again = OwnedFd::from(self.io.get_ref().try_clone()?);
                    self.room.insert(watch(again, Interest::WRITABLE)?)
                }
            };
            ready!(room.poll_write_ready(cx))?.clear_ready();
        }
    }
}

impl TryFrom<tokio::net::UnixStream> for Stream {
    type Error = io::Error;

    /// The same connection, on the runtime of this thread.
    fn try_from(stream: tokio::net::UnixStream) -> io::Result<Self> {
        Ok(Self { io: watch(stream.into_std()?, Interest::READABLE)?, room: None, more: false })
    }
}

/// Hears of `io` what is of interest.
fn watch<T: AsRawFd + Into<OwnedFd>>(io: T, interest: Interest) -> io::Result<AsyncFd<T>> {
    // SAFETY: what can be turned into its descriptor owns it, and has the same one until it is dropped.
    #[expect(unsafe_code, reason = "tokio cannot see that")]
    let watched = unsafe { AsyncFd::register_with_interest(io, interest) };
    watched.map_err(io::Error::from)
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let cleared = buf.initialized().len() - buf.filled().len();
        let room = if self.more { buf.remaining() } else { buf.remaining().min(FIRST.max(cleared)) };
        loop {
            let mut ready = ready!(self.io.poll_read_ready(cx))?;
            let into = buf.initialize_unfilled_to(room);
            match ready.get_inner().read(into) {
                Ok(read) => {
                    // Less than was asked for is all there was: the next word of it wakes us.
                    if read > 0 && read < room {
                        ready.clear_ready();
                    }
                    buf.advance(read);
                    self.more = read == room;
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => ready.clear_ready(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_with(cx, |mut io| io.write(buf))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_with(cx, |mut io| io.write_vectored(bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.io.get_ref().shutdown(Shutdown::Write))
    }
}
