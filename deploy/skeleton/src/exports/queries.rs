//! What this service holds about account `$1`, as [`gdpr::Parts`] reads it: a page behind the key `$2`, of `$3` rows.

/// The entries.
pub const ENTRIES: &str = "SELECT t.id::text, to_jsonb(t) FROM (
        SELECT * FROM entries
        WHERE owner_id = $1 AND id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
        ORDER BY id LIMIT $3
    ) t ORDER BY t.id";
