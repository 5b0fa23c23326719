//! Outbox and inbox against a real PostgreSQL and a real RabbitMQ.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::disallowed_methods)]

mod consume;
mod emit;
mod outage;
mod prune;
mod relay;
mod support;
