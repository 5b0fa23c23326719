//! What this service holds about account `$1`, as [`gdpr::Parts`] reads it: a page behind the key `$2`, of `$3` rows. Keys
//! are compared as what they are, so that an index leads to the next page.

/// The copy of the profile.
pub const AUTHOR: &str = "SELECT t.user_id::text, to_jsonb(t)
    FROM (SELECT * FROM authors WHERE user_id = $1 AND user_id::text > $2 LIMIT $3) t";

/// The key as an id; the first of all where there is none yet.
macro_rules! after {
    ($key:literal) => {
        concat!("coalesce(nullif(", $key, ", '')::uuid, '00000000-0000-0000-0000-000000000000')")
    };
}

/// Deleted posts are there without a word, as they are kept.
const POSTS: &str = concat!(
    "SELECT t.id::text, to_jsonb(t) FROM (SELECT * FROM posts WHERE author_id = $1 AND id > ",
    after!("$2"),
    " ORDER BY id LIMIT $3) t ORDER BY t.id"
);

const REVISIONS: &str = concat!(
    "SELECT t.post_id || '/' || t.version, to_jsonb(t) FROM (
        SELECT r.* FROM posts p JOIN post_revisions r ON r.post_id = p.id WHERE p.author_id = $1 AND p.id >= ",
    after!("split_part($2, '/', 1)"),
    " AND (r.post_id, r.version) > (",
    after!("split_part($2, '/', 1)"),
    ", coalesce(nullif(split_part($2, '/', 2), '')::integer, 0))
        ORDER BY p.id, r.version LIMIT $3
    ) t ORDER BY t.post_id, t.version"
);

/// The path is made of the ids of other people's comments; `parent_id` says what was answered.
const COMMENTS: &str = concat!(
    "SELECT t.id::text, to_jsonb(t) - '{path}'::text[] FROM (SELECT * FROM comments WHERE author_id = $1 AND id > ",
    after!("$2"),
    " ORDER BY id LIMIT $3) t ORDER BY t.id"
);

const LIKES: &str = concat!(
    "SELECT t.post_id::text, to_jsonb(t) FROM (SELECT * FROM likes WHERE user_id = $1 AND post_id > ",
    after!("$2"),
    " ORDER BY post_id LIMIT $3) t ORDER BY t.post_id"
);

/// Without the digest of the request.
const REPEATS: &str = "SELECT t.key, to_jsonb(t) - '{request}'::text[] FROM (
        SELECT * FROM idempotency_keys WHERE user_id = $1 AND key > $2 ORDER BY key LIMIT $3
    ) t ORDER BY t.key";

/// All lists, by the name of their file.
pub const LISTS: [(&str, &str); 5] =
    [("posts", POSTS), ("revisions", REVISIONS), ("comments", COMMENTS), ("likes", LIKES), ("repeats", REPEATS)];
