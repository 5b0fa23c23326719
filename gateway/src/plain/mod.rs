//! The plain lane: requests without a body and without anything special, answered without hyper.
//!
//! Nearly all requests are so, and what hyper does for the others costs as much as all the phases. A head belongs here
//! if httparse reads it and nothing in it concerns framing, the connection or a coding; then what follows it is the
//! next head, whoever reads it. Anything else goes to hyper with all that was read, and stays there. Buffers are the
//! core's, so a connection that waits holds next to nothing. Start with [`Lane::run`].

mod call;
mod chunks;
mod lane;
mod relay;
mod request;
mod response;
mod say;

#[cfg(test)]
mod tests;

pub(crate) use lane::{End, Lane};
