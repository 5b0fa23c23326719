//! What this service holds about account `$1`, as [`gdpr::Parts`] reads it: a page behind the key `$2`, of `$3` rows.

/// The copy of the profile.
pub const AUTHOR: &str = "SELECT t.user_id::text, to_jsonb(t)
    FROM (SELECT * FROM authors WHERE user_id = $1 AND user_id::text > $2 LIMIT $3) t";

/// Deleted posts are there without a word, as they are kept.
const POSTS: &str = "SELECT t.id::text, to_jsonb(t) FROM (
        SELECT * FROM posts WHERE author_id = $1 AND id::text > $2 ORDER BY id::text LIMIT $3
    ) t ORDER BY t.id::text";

const REVISIONS: &str = "SELECT t.place, to_jsonb(t) - '{place}'::text[] FROM (
        SELECT r.post_id::text || '/' || lpad(r.version::text, 10, '0') AS place, r.*
        FROM post_revisions r JOIN posts p ON p.id = r.post_id
        WHERE p.author_id = $1 AND r.post_id::text || '/' || lpad(r.version::text, 10, '0') > $2
        ORDER BY 1 LIMIT $3
    ) t ORDER BY t.place";

/// The path is made of the ids of other people's comments; `parent_id` says what was answered.
const COMMENTS: &str = "SELECT t.id::text, to_jsonb(t) - '{path}'::text[] FROM (
        SELECT * FROM comments WHERE author_id = $1 AND id::text > $2 ORDER BY id::text LIMIT $3
    ) t ORDER BY t.id::text";

const LIKES: &str = "SELECT t.post_id::text, to_jsonb(t) FROM (
        SELECT * FROM likes WHERE user_id = $1 AND post_id::text > $2 ORDER BY post_id::text LIMIT $3
    ) t ORDER BY t.post_id::text";

/// Without the digest of the request.
const REPEATS: &str = "SELECT t.key, to_jsonb(t) - '{request}'::text[] FROM (
        SELECT * FROM idempotency_keys WHERE user_id = $1 AND key > $2 ORDER BY key LIMIT $3
    ) t ORDER BY t.key";

/// All lists, by the name of their file.
pub const LISTS: [(&str, &str); 5] =
    [("posts", POSTS), ("revisions", REVISIONS), ("comments", COMMENTS), ("likes", LIKES), ("repeats", REPEATS)];
