//! Events.

mod erasure_confirmed;
mod participant_announced;
mod profile_updated;
