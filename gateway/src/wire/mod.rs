//! Bytes in and out: connections of clients, and the clocks that run on them.
//!
//! hyper does the parsing. What is ours: a [`Pulse`] per connection, which one slow tick per core judges (so that no
//! request arms a timer), and an answer in our own form where hyper refuses a head by itself. Start with [`Pulse`].

mod body;
mod io;
mod linger;
mod pulse;
mod ticks;

#[cfg(test)]
mod tests;

pub(crate) use body::{BoxError, Fate, Inbound, Outgoing};
pub(crate) use io::ClientIo;
pub(crate) use linger::linger;
pub(crate) use pulse::{Pulse, TICK, Verdict};
pub(crate) use ticks::{Expired, Ticks, within};
