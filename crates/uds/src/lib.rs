//! Unix sockets between the processes of one machine, which cost both sides less than the network's loopback.
//!
//! A [`Stream`] wakes whoever waits for it when something was said, and never because the other end has read. Linux
//! reports a Unix socket as writable each time its peer takes something out of it (`unix_write_space` in
//! `net/unix/af_unix.c`), and tokio's own stream always listens for that: a thread that waits for an answer would be
//! woken twice, once for nothing.

mod stream;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use stream::Stream;

/// The most bytes of a socket's path: `sun_path` of unix(7), without its closing zero.
pub const LONGEST: usize = 107;

/// The socket, in the folder `SOCKETS_DIR`, of the service whose API listens on `port` of this machine.
#[must_use]
pub fn path(dir: &Path, port: u16) -> PathBuf {
    dir.join(format!("{port}.sock"))
}

/// Whether sockets can be in this folder: their paths have an end.
#[must_use]
pub fn fits(dir: &Path) -> bool {
    path(dir, u16::MAX).as_os_str().len() <= LONGEST
}
