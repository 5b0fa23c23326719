//! What this service does by itself.

pub mod keep_keys;
pub mod sweep;
