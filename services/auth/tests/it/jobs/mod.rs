//! Jobs.

mod settle_tiers;
mod sweep;
