//! Start private PostgreSQL, RabbitMQ, Redis and MongoDB-compatible servers on this machine.
//!
//! Every server listens on 127.0.0.1 alone, has its own port and a password drawn once for its folder, and keeps its
//! rows. A server outlives whoever started it: dropping its value leaves it running, `start` adopts one that still runs
//! from the same folder with the same settings, and only `stop` (or [`stop_all`]) ends it.
//! Start with [`Plan`], then [`Postgres::start`] and its three neighbours, which may be awaited together.

mod account;
mod census;
mod credentials;
mod daemon;
mod error;
mod installed;
mod mongo;
mod plan;
mod ports;
mod postgres;
mod probe;
mod rabbitmq;
mod redis;
mod running;

#[cfg(test)]
mod tests;

pub use census::MARK;
pub use daemon::stop_all;
pub use error::Error;
pub use installed::{Missing, missing};
pub use mongo::Mongo;
pub use plan::{DatabaseSpec, Given, Plan, Progress};
pub use ports::Ports;
pub use postgres::{Postgres, erase};
pub use rabbitmq::RabbitMq;
pub use redis::Redis;
