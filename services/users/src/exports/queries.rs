//! What this service holds about account `$1`, as [`gdpr::Parts`] reads it.

/// The profile, preferences with it.
pub const PROFILE: &str = "SELECT t.user_id::text, to_jsonb(t)
    FROM (SELECT * FROM user_profiles WHERE user_id = $1 AND user_id::text > $2 LIMIT $3) t";
