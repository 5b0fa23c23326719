//! The real gateway on port 0, spoken to over raw sockets, before a small real upstream.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::disallowed_methods)]

mod cors;
mod framing;
mod heads;
mod identity;
mod limits;
mod pages;
mod routing;
mod running;
mod sockets;
mod support;
mod upstreams;
mod websocket;
mod zip;
