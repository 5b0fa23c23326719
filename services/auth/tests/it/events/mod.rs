//! Events.

mod erasure_confirmed;
mod export_part_ready;
pub mod export_requested;
mod participant_announced;
mod profile_updated;
