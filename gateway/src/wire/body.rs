//! Bodies on their way: a client's to a service, counted; a service's or our own to a client.

use std::cell::Cell;
use std::error::Error;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::Pulse;
use crate::compress::Zipped;
use crate::upstream::Streamed;

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// How far a client's body came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Not yet all read.
    Open,
    /// All read.
    Whole,
    /// Over the cap.
    TooLarge,
    /// Not framed as it should be, or broken off.
    Broken,
}

/// A client's body on its way to a service.
pub(crate) enum Inbound {
    /// All of it, gathered before.
    Whole(Bytes),
    /// As it comes.
    Coming(Coming),
}

/// A body that is cut off where its cap is passed; trailers are left out.
pub(crate) struct Coming {
    body: Option<Incoming>,
    left: u64,
    fate: Rc<Cell<Fate>>,
}

impl Inbound {
    /// A body that is here.
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self::Whole(bytes)
    }

    /// A body of which at most `cap` bytes pass; `fate` tells how it went.
    pub(crate) fn capped(body: Incoming, cap: u64, fate: Rc<Cell<Fate>>) -> Self {
        Self::Coming(Coming { body: Some(body), left: cap, fate })
    }

    /// The same once more, where all of it is here.
    pub(crate) fn copied(&self) -> Option<Self> {
        match self {
            Self::Whole(bytes) => Some(Self::Whole(bytes.clone())),
            Self::Coming(_) => None,
        }
    }

    /// What tells how it went; nothing where it went before.
    pub(crate) fn fate(&self) -> Option<Rc<Cell<Fate>>> {
        match self {
            Self::Whole(_) => None,
            Self::Coming(coming) => Some(Rc::clone(&coming.fate)),
        }
    }
}

impl Coming {
    fn end(&mut self, fate: Fate) {
        self.body = None;
        self.fate.set(fate);
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        loop {
            let Some(body) = &mut self.body else { return Poll::Ready(None) };
            match ready!(Pin::new(body).poll_frame(cx)) {
                None => {
                    self.end(Fate::Whole);
                    return Poll::Ready(None);
                }
                Some(Err(error)) => {
                    self.end(Fate::Broken);
                    return Poll::Ready(Some(Err(error.into())));
                }
                Some(Ok(frame)) => {
                    let Ok(chunk) = frame.into_data() else { continue };
                    let Some(left) = self.left.checked_sub(chunk.len() as u64) else {
                        self.end(Fate::TooLarge);
                        return Poll::Ready(Some(Err("the body is over its cap".into())));
                    };
                    self.left = left;
                    if self.body.as_ref().is_some_and(Body::is_end_stream) {
                        self.end(Fate::Whole);
                    }
                    return Poll::Ready(Some(Ok(chunk)));
                }
            }
        }
    }
}

impl Body for Inbound {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut *self {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Coming(coming) => coming.poll_chunk(cx).map_ok(Frame::data),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Coming(coming) => coming.body.as_ref().is_none_or(Body::is_end_stream),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Coming(coming) => coming.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint),
        }
    }
}

/// What a client is sent. When it has been handed over, or is given up, the connection's pulse hears of it.
pub(crate) struct Outgoing {
    content: Content,
    told: Told,
}

/// Whom to tell when it is over.
#[derive(Default)]
struct Told(Option<Arc<Pulse>>);

enum Content {
    Whole(Option<Bytes>),
    Streamed(Streamed),
    Zipped(Box<Zipped<Streamed>>),
}

impl Outgoing {
    /// All there is to say.
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self { content: Content::Whole(Some(bytes).filter(|bytes| !bytes.is_empty())), told: Told::default() }
    }

    /// A service's answer as it comes.
    pub(crate) fn streamed(body: Streamed) -> Self {
        Self { content: Content::Streamed(body), told: Told::default() }
    }

    /// The same, made smaller on the way.
    pub(crate) fn zipped(self) -> Self {
        let content = match self.content {
            Content::Streamed(body) => Content::Zipped(Box::new(Zipped::new(body))),
            Content::Whole(Some(bytes)) => Content::Whole(Some(crate::compress::zip(&bytes))),
            other => other,
        };
        Self { content, told: self.told }
    }

    /// All there is to say, of what is not streamed.
    pub(crate) fn into_whole(self) -> Bytes {
        match self.content {
            Content::Whole(bytes) => bytes.unwrap_or_default(),
            Content::Streamed(_) | Content::Zipped(_) => Bytes::new(),
        }
    }

    /// Tells `pulse` when it is over.
    pub(crate) fn pulsing(mut self, pulse: &Arc<Pulse>) -> Self {
        self.told = Told(Some(Arc::clone(pulse)));
        self
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        if let Some(pulse) = &self.0 {
            pulse.sent();
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.content {
            Content::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Content::Streamed(body) => Pin::new(body).poll_frame(cx),
            Content::Zipped(body) => Pin::new(&mut **body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Whole(bytes) => bytes.is_none(),
            Content::Streamed(body) => body.is_end_stream(),
            Content::Zipped(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Content::Streamed(body) => body.size_hint(),
            Content::Zipped(_) => SizeHint::default(),
        }
    }
}
