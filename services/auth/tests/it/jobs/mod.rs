//! Jobs.

mod advance_exports;
mod settle_tiers;
mod sweep;
