//! What lets a service take its part in erasing and exporting a person.
//!
//! A service announces itself when it starts ([`announce`]), erases whom it is asked to by one function of its own
//! ([`erase`]) and answers with a receipt that it signs. Who was erased stays erased: [`is_erased`] for consumers, the
//! trigger `refuse_erased` for every table with rows about people. The tables are a migration of each service.

mod announce;
mod erase;
mod parts;
mod receipt;
mod told;
mod tombstones;

#[cfg(test)]
mod tests;

pub use announce::announce;
pub use contracts::gdpr::Retained;
pub use erase::{Erase, Erased, confirm, erase};
pub use parts::Parts;
pub use receipt::{Forged, TYPE as RECEIPT_TYPE, verify, write as write_receipt};
pub use told::{forget_address, forget_told};
pub use tombstones::{is_erased, lock};

/// The name of the constraint by which the database refuses a row about somebody who was erased.
pub const ERASED: &str = db::ERASED;

/// The tables of this crate, step by step: each service has a copy of each.
pub const MIGRATIONS: [outbox::Migration; 1] = [outbox::Migration {
    name: "2026-01-14-000000_erased_subjects",
    up: include_str!("../migrations/2026-01-14-000000_erased_subjects/up.sql"),
    down: include_str!("../migrations/2026-01-14-000000_erased_subjects/down.sql"),
}];
