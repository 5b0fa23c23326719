//! Outbox and inbox against a real PostgreSQL and a real RabbitMQ.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout
)]

mod consume;
mod emit;
mod outage;
mod prune;
mod relay;
// `figures` uses the rest.
#[allow(dead_code)]
mod support;
