//! Tie events to transactions: emit, relay, inbox.
//!
//! An event is written by the transaction that makes it true and taken in by the transaction of its effect; between
//! the two it may travel more than once, never less. The tables are [`MIGRATION_UP`], each service's first migration.

/// The tables of this crate, to be copied as each service's first migration.
pub const MIGRATION_UP: &str = include_str!("../migrations/up.sql");

/// Takes them away again.
pub const MIGRATION_DOWN: &str = include_str!("../migrations/down.sql");
