//! What this service asks of others while a caller waits.
//!
//! Never within a transaction. What others say is verified here before anybody believes it. Start with
//! [`provider::Provider`].

pub mod discovery;
pub mod provider;
