mod erasure_requested;
mod export_requested;
mod profile_updated;
