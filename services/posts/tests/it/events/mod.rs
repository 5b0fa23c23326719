mod profile_updated;
