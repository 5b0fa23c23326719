#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod bad_days;
mod bodies;
mod callers;
mod client;
mod configuration;
mod documents;
mod health;
mod notes;
mod reading;
mod routing;
mod sockets;
mod tokens;
