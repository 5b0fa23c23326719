//! The services behind: which instance is called, over which connection, and when not to call at all.
//!
//! Everything here belongs to one core and is shared with nobody, but for [`Condition`], which the background
//! refreshes. A [`Lease`] is one request's place at a service: it counts while it lives and gives its connection back
//! when the answer is whole. Start with [`Services::admit`].

mod address;
mod breaker;
mod instance;
mod lease;
mod link;
mod service;
mod shelf;
mod streamed;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) use address::{Address, Stream, try_write};
pub(crate) use breaker::Outcome;
pub(crate) use lease::Lease;
pub(crate) use link::{Link, Unsent};
pub(crate) use service::{Refused, Services};
pub(crate) use streamed::Streamed;

/// Whether an instance takes requests, as its own `/health/ready` last said.
#[derive(Clone, Debug)]
pub(crate) struct Condition(Arc<AtomicBool>);

impl Condition {
    /// Ready until found otherwise.
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Relaxed);
    }
}
