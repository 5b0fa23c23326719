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

/// A step of the tables of this crate.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its folder's name.
    pub name: &'static str,
    /// Makes it.
    pub up: &'static str,
    /// Takes it back.
    pub down: &'static str,
}

macro_rules! migrations {
    ($($name:literal),* $(,)?) => {
        [$(Migration {
            name: $name,
            up: include_str!(concat!("../migrations/", $name, "/up.sql")),
            down: include_str!(concat!("../migrations/", $name, "/down.sql")),
        }),*]
    };
}

/// The tables of this crate, step by step: each service has a copy of each.
pub const MIGRATIONS: [Migration; 2] = migrations!["2026-01-01-000000_outbox", "2026-01-06-000000_outbox_refused"];
