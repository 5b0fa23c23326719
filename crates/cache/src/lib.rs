//! Remember a value here and in Redis, survive without Redis.
//!
//! A [`Cache`] never makes an answer wrong or late: Redis has 100 ms, then it is passed over; an entry holds only
//! within the span in which it was stored, by the fleet's clock; many askers of one key run its loader once.
//! [`Redis`] is the connection, which `limits` shares. Sole owner of the Redis client. Start with [`Cache`].

mod entry;
mod redis;
mod remember;

#[cfg(test)]
mod tests;

pub use crate::redis::{Away, BadUrl, Redis, Script};
pub use remember::Cache;
