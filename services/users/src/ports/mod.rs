//! What this service asks of others while a caller waits.
//!
//! Never within a transaction. Start with [`auth::Auth`].

pub mod auth;
