//! What this service holds about account `$1`, as [`gdpr::Parts`] reads it: a page behind the key `$2`, of `$3` rows.

/// How to reach the person.
pub const CONTACT: &str = "SELECT t.user_id::text, to_jsonb(t)
    FROM (SELECT * FROM contacts WHERE user_id = $1 AND user_id::text > $2 LIMIT $3) t";

/// Without what a mail that waits to be sent says, which may be a secret, and without its key, which may be the digest of
/// one.
pub const DELIVERIES: &str = "SELECT t.id::text, to_jsonb(t) - '{params,dedup_key}'::text[] FROM (
        SELECT * FROM deliveries
        WHERE user_id = $1 AND id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
        ORDER BY id LIMIT $3
    ) t ORDER BY t.id";
