//! Events.

mod profile_updated;
