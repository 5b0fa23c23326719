//! What this service does by itself, beside the requests, until it is told to stop. Several processes may do it at
//! once: the database decides. Start with [`keep_keys`].

pub mod advance_exports;
pub mod erase;
pub mod keep_keys;
pub mod settle_tiers;
pub mod sweep;
