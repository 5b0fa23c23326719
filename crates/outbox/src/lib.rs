//! Tie events to transactions: emit, relay, inbox.
//!
//! An event is written by the transaction that makes it true ([`emit`]) and taken in by the transaction of its effect
//! ([`consumer`]); between the two it may travel more than once, never less, and nobody waits for the broker. Events of
//! one subject are published in the order in which they happened. The tables are each service's first migration.
//! Start with [`emit`], then [`Subscriptions`].

mod consumer;
mod emit;
mod inbox;
mod inline;
mod prune;
mod relay;
mod subscriptions;

use std::pin::Pin;

pub use consumer::consumer;
pub use emit::emit;
pub use inbox::Taken;
pub use inline::enveloped;
pub use relay::{flush, relay};
pub use subscriptions::{Halt, On, Received, Subscriptions};

/// Work that runs beside the requests until it is told to stop.
pub type Background = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The tables of this crate, to be copied as each service's first migration.
pub const MIGRATION_UP: &str = include_str!("../migrations/up.sql");

/// Takes them away again.
pub const MIGRATION_DOWN: &str = include_str!("../migrations/down.sql");
