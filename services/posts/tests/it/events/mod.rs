mod erasure_requested;
mod profile_updated;
