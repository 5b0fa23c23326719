//! Signing keys: one signs, the next is published a day before it does, retired ones stay while their tokens live.
//!
//! The private half leaves the database sealed and is opened in this process alone. Start with [`rotate::keep_up`].

pub mod jwks;
pub mod metadata;

pub mod internal;
pub mod make;
pub mod queries;
pub mod ring;
pub mod rotate;
pub mod row;
pub mod rules;

pub use ring::Keyring;
