//! Everything a service's test says in one line: the real server on a database of its own, and people who call it.
//!
//! A service names itself once ([`Subject`]); then `TestApp::with_two_users()` gives an app and two actors, whose calls
//! give [`Answer`]s. Time stands still until a test moves `app.clock`. There is no broker: a test reads what was emitted
//! and delivers events by hand. Start with [`TestApp`].
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]

mod access;
mod actor;
mod answer;
mod app;
mod database;
mod document;
mod events;
mod exports;
mod keys;
mod redact;
mod scan;
mod subject;
mod tokens;
mod waits;

#[cfg(test)]
mod tests;

pub use access::{Access, Given};
pub use actor::{Actor, Call};
pub use answer::Answer;
pub use app::TestApp;
pub use document::check_document;
pub use events::Mark;
pub use exports::{Files, Sent};
pub use keys::{service_key, service_keys};
pub use scan::found_in;
pub use subject::Subject;
pub use tokens::Signer;
pub use waits::until_waiting;
