//! Jobs.

mod settle_tiers;
mod advance_exports;
mod sweep;
