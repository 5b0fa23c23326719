//! Reading on for a moment after a refusal, so that a client that is still sending gets to read it.

use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use hyper::body::{Body, Incoming};

/// More than this is not read for politeness.
const MOST: u64 = 256 * 1024;
const LONGEST: Duration = Duration::from_millis(500);

/// Reads and forgets what is left of a body that was refused, within bounds.
pub(crate) async fn linger(mut body: Incoming) {
    if body.is_end_stream() || body.size_hint().lower() > MOST {
        return;
    }
    let mut left = MOST;
    let drain = std::future::poll_fn(|cx| {
        loop {
            match Pin::new(&mut body).poll_frame(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(frame))) => {
                    let len = frame.data_ref().map_or(0, |chunk| chunk.len() as u64);
                    match left.checked_sub(len) {
                        Some(less) => left = less,
                        None => return Poll::Ready(()),
                    }
                }
                Poll::Ready(_) => return Poll::Ready(()),
            }
        }
    });
    // Out of time: the connection is closed with the answer as it is.
    let _ = tokio::time::timeout(LONGEST, drain).await;
}
