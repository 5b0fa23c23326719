//! Events.

mod erasure_confirmed;
mod participant_announced;
mod export_part_ready;
mod export_requested;
mod profile_updated;
